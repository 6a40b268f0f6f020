package mock

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Bounds of what clients can make the server hold.
const (
	maxCollections = 2_000
	maxRecords     = 20_000    // per collection
	maxFileBytes   = 256 << 20 // of all files together
)

// epoch is the time at which a server starts.
var epoch = time.Date(2026, time.March, 16, 9, 0, 0, 0, time.UTC)

// store is all state; Server.mu guards it.
type store struct {
	collections map[string]*collection // by concrete path
	ids         map[string][]any       // of the first records, by concrete path
	writes      int
	fileBytes   int
	repeated    map[string]any // ids of what was created, by Idempotency-Key
}

// collection is the records at one concrete path, in order of creation.
type collection struct {
	kind    *kind
	path    string
	id      string // the property that holds the id; "" if none does
	records []*record
	made    int // how many were ever created by clients
	// kept is false for a collection over the bound, which can be read but not
	// written: a client that makes up parents must not fill the memory.
	kept bool
}

// record is one record of a collection.
type record struct {
	id    string
	value map[string]any
	file  *upload
	// uploaded says that the file came from a client.
	uploaded bool
}

// now is the store's time: a second later with every write.
func (st *store) now() time.Time { return epoch.Add(time.Duration(st.writes) * time.Second) }

// stamp is now as it stands in a record.
func (st *store) stamp() string { return st.now().Format(time.RFC3339) }

// rng returns the source of chance for one thing; it depends on nothing but the
// seed and the thing's name.
func (s *Server) rng(parts ...any) *rand.Rand {
	h := fnv.New64a()
	for _, p := range parts {
		fmt.Fprintf(h, "%v\x00", p) // a hash never fails to write
	}
	return rand.New(rand.NewPCG(s.seed, h.Sum64()))
}

// concrete fills a template's parameters in.
func concrete(template string, vars map[string]string) string {
	return braces.ReplaceAllStringFunc(template, func(m string) string {
		return url.PathEscape(vars[m[1:len(m)-1]])
	})
}

// collectionAt returns a collection, seeded when it is first asked for.
func (s *Server) collectionAt(k *kind, vars map[string]string) *collection {
	path := concrete(k.path, vars)
	if c, ok := s.state.collections[path]; ok {
		return c
	}
	c := &collection{kind: k, path: path, id: s.idProperty(k)}
	s.seedCollection(c, vars)
	if len(s.state.collections) < maxCollections {
		s.state.collections[path] = c
		c.kept = true
	}
	return c
}

func (c *collection) find(id string) *record {
	for _, r := range c.records {
		if r.id == id {
			return r
		}
	}
	return nil
}

// idProperty returns the property of a kind's records that its path parameter
// stands for.
func (s *Server) idProperty(k *kind) string {
	props := s.kindProperties(k)
	if k.idParam != "" && props[k.idParam] != nil {
		return k.idParam
	}
	want := []string{"id", fold(k.idParam), fold(k.noun) + "id", "uuid", "guid", "key", "slug", "sid", "name", "code", "number", "login"}
	for _, w := range want {
		for _, name := range sortedKeys(props) {
			if fold(name) == w && w != "" {
				return name
			}
		}
	}
	return ""
}

// parentMissing returns the problem of a path that leads through a record that
// is not there.
func (s *Server) parentMissing(req *request, k *kind) *problem {
	for k != nil {
		c := s.collectionAt(k, req.vars)
		if s.fetch(c, req.vars[k.idParam]) == nil {
			return missing(k, req.vars[k.idParam])
		}
		k = s.parentOf(k.path)
	}
	return nil
}

func missing(k *kind, id string) *problem {
	return newProblem(http.StatusNotFound, "there is no %s %s", k.noun, strconv.Quote(id))
}

// fetch returns a record. Where nothing lists a collection, its ids can't be
// known, so each stands for a record that is made when it is asked for.
func (s *Server) fetch(c *collection, id string) *record {
	if r := c.find(id); r != nil {
		return r
	}
	if c.kind.listed(s) || len(c.records) >= maxRecords || s.state.writes > 0 && s.gone[c.path+"/"+id] {
		return nil
	}
	r := s.generated(c, len(c.records), nil, nil)
	r.id = id
	if c.id != "" {
		r.value[c.id] = s.outputs.coerceText(s.kindProperties(c.kind)[c.id], id)
	}
	c.records = append(c.records, r)
	return r
}

// remove deletes a record and the collections below it.
func (s *Server) remove(c *collection, id string) bool {
	i := slices.IndexFunc(c.records, func(r *record) bool { return r.id == id })
	if i < 0 {
		return false
	}
	s.forget(c.records[i])
	c.records = slices.Delete(c.records, i, i+1)
	below := c.path + "/" + url.PathEscape(id) + "/"
	for path, lower := range s.state.collections {
		if strings.HasPrefix(path, below) {
			s.forget(lower.records...)
			delete(s.state.collections, path)
		}
	}
	if len(s.gone) < maxRecords {
		s.gone[c.path+"/"+id] = true
	}
	s.state.writes++
	return true
}

// forget gives back the room that the files of deleted records took.
func (s *Server) forget(records ...*record) {
	for _, r := range records {
		if r.uploaded {
			s.state.fileBytes -= len(r.file.data)
		}
	}
}

// full is the problem of a write to a collection over the bound.
func full() *problem {
	return newProblem(http.StatusInsufficientStorage, "the mock holds no more than %d collections; start it anew", maxCollections)
}
