package openapi

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// maxOpinion is the size up to which a document is also read by kin-openapi: of a
// larger one that would be most of the time and memory.
const maxOpinion = 256 << 10

// opinion has kin-openapi read the document too. Where it can't, that is told,
// as other tools will refuse the document as well; where it can, what it finds
// and the tools lack without a word is told. It never changes a tool.
//
// Documents of several files are left out: kin-openapi would read the others by
// itself, past our allow-list.
func (l *lowerer) opinion(doc *Document) {
	if len(l.files.byBase) > 1 || !sizeWithin(l.root, maxOpinion) || !referencesPlainly(l.root) {
		return
	}
	other, err := readByKin(l.root.json(), l.version == v20)
	if err != nil {
		text := strings.Join(strings.Fields(err.Error()), " ")
		l.rep.report(SeverityInfo, "not-standard", l.root, "", "other tools may refuse the document; kin-openapi says: %s", cutText(text, 300))
		return
	}
	told := map[string]string{}
	for _, d := range l.rep.list {
		told[d.Operation] += d.Message + "\n"
	}
	shared := map[string]int{} // paths that differ in their query or fragment alone
	for i := range doc.Tools {
		shared[doc.Tools[i].Operation.Method+" "+doc.Tools[i].Operation.Path]++
	}
	for i := range doc.Tools {
		op := doc.Tools[i].Operation
		item := other.Paths.Value(op.Path)
		if item == nil || shared[op.Method+" "+op.Path] > 1 {
			continue // its path was repaired, which was told, or stands for several operations
		}
		if kin := item.Operations()[op.Method]; kin != nil {
			l.compare(op, item.Parameters, kin, told[op.Method+" "+op.Path])
		}
	}
}

// referencesPlainly reports whether nearly all references are to components:
// each of the others has kin-openapi read what it leads to anew.
func referencesPlainly(root *node) bool {
	const most = 20
	others := 0
	var walk func(n *node)
	walk = func(n *node) {
		if ref := refOf(n); ref != "" && !plainReference(ref) {
			others++
		}
		for _, item := range n.list {
			walk(item)
		}
		for i := range n.members {
			walk(n.members[i].value)
		}
	}
	walk(root)
	return others <= most
}

// plainReference reports whether a reference is to a component: those are of
// the form "#/components/schemas/Pet" or "#/definitions/Pet".
func plainReference(ref string) bool {
	if rest, ok := strings.CutPrefix(ref, "#/components/"); ok {
		return strings.Count(rest, "/") == 1
	}
	return strings.HasPrefix(ref, "#/") && strings.Count(ref, "/") == 2 && !strings.HasPrefix(ref, "#/paths/")
}

// readByKin loads a document with kin-openapi, with no access to other files.
func readByKin(data []byte, isV2 bool) (doc *openapi3.T, err error) {
	defer func() {
		if r := recover(); r != nil { // a bug over there must stay there
			err = fmt.Errorf("it failed: %v", r)
		}
	}()
	if !isV2 {
		return openapi3.NewLoader().LoadFromData(data)
	}
	var v2 openapi2.T
	if err := json.Unmarshal(data, &v2); err != nil {
		return nil, err
	}
	return openapi2conv.ToV3(&v2)
}

// compare reports what kin-openapi sees of an operation and the tool lacks.
func (l *lowerer) compare(op *tool.Operation, shared openapi3.Parameters, kin *openapi3.Operation, told string) {
	have := map[string]bool{}
	for _, p := range op.Parameters {
		have[string(p.In)+" "+p.Name] = true
	}
	for _, list := range []openapi3.Parameters{shared, kin.Parameters} {
		for _, ref := range list {
			if p := ref.Value; p != nil && !have[p.In+" "+p.Name] && !strings.Contains(told, strconv.Quote(p.Name)) && !strings.Contains(told, "{"+p.Name+"}") {
				l.rep.report(SeverityWarning, "parameter-lost", l.root, op.Method+" "+op.Path, "the parameter %q in %s was not read: please report this document", p.Name, p.In)
			}
		}
	}
	if op.Body == nil || op.Body.Arg != "" || kin.RequestBody == nil || kin.RequestBody.Value == nil {
		return
	}
	media := kin.RequestBody.Value.Content[op.Body.MediaType]
	if media == nil || media.Schema == nil || media.Schema.Value == nil {
		return
	}
	fields := map[string]bool{}
	for _, f := range op.Body.Fields {
		fields[f.Name] = true
	}
	for name, property := range media.Schema.Value.Properties {
		if property.Value != nil && property.Value.Always != nil && !*property.Value.Always {
			continue // no value fits "false"
		}
		seen := property.Value != nil && property.Ref == "" // it does not see "readOnly" beside a reference
		if !fields[name] && seen && !property.Value.ReadOnly {
			l.rep.report(SeverityWarning, "field-lost", l.root, op.Method+" "+op.Path, "the body's field %q was not read: please report this document", name)
		}
	}
}
