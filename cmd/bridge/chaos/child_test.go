//go:build unix

package chaos_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"
)

// controlVar makes the test's binary act as a lane's child: it is where the child
// asks its lane, in the test's own process.
const controlVar = "CHAOS_CONTROL"

// control is the lane's side.
func control(all map[string]*lane) http.Handler {
	mux := http.NewServeMux()
	of := func(r *http.Request) *lane { return all[r.PathValue("lane")] }
	mux.HandleFunc("/{lane}/at", func(w http.ResponseWriter, r *http.Request) {
		what, ends := of(r).at(point(r.FormValue("point")))
		_, _ = fmt.Fprintf(w, "%s %t", what, ends)
	})
	mux.HandleFunc("/{lane}/wait", func(_ http.ResponseWriter, r *http.Request) { of(r).wait(r.Context()) })
	mux.HandleFunc("/{lane}/run", func(_ http.ResponseWriter, r *http.Request) { of(r).book.run(r.FormValue("key")) })
	return mux
}

// child is the child's side.
type child struct {
	base string // of the control
	mu   sync.Mutex
	out  *os.File
}

// serveChild is the child's whole life.
func serveChild(base string) {
	c := &child{base: base, out: os.Stdout}
	in := bufio.NewReader(os.Stdin)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			break
		}
		var m message
		if json.Unmarshal(line, &m) == nil && m.ID != nil {
			go c.serve(&m)
		}
	}
	if what, _ := c.at(closing); what == hangs {
		signal.Ignore(syscall.SIGTERM, syscall.SIGINT)
		time.Sleep(time.Hour)
	}
}

// ask asks the lane. A child whose test is gone ends.
func (c *child) ask(what string, query url.Values) string {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, c.base+"/"+what+"?"+query.Encode(), nil)
	if err != nil {
		os.Exit(9)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		os.Exit(9)
	}
	defer func() { _ = res.Body.Close() }()
	raw, _ := io.ReadAll(res.Body)
	return string(raw)
}

func (c *child) at(p point) (fault, bool) {
	what, ends, _ := strings.Cut(c.ask("at", url.Values{"point": {string(p)}}), " ")
	return fault(what), ends == "true"
}

func (c *child) serve(m *message) {
	if m.Method != "tools/call" {
		what, _ := c.at(m.point())
		c.write(what, m, m.answer(stdio))
		return
	}
	what, ends := c.at(before)
	if ends {
		if what, _ := c.at(closing); what != none {
			_ = c.out.Close() // so that the gateway takes its leave
			return
		}
		os.Exit(4)
	}
	c.strike(what)
	if told := m.progress(); told != nil {
		c.line(told)
		what, _ = c.at(progressing)
		c.strike(what)
	}
	c.ask("run", url.Values{"key": {m.Params.Arguments.Key}})
	what, _ = c.at(answering)
	c.write(what, m, m.answer(stdio))
	what, _ = c.at(after)
	c.strike(what)
}

// strike carries out a fault that damages no message.
func (c *child) strike(what fault) {
	switch what {
	case exits:
		fmt.Fprintln(os.Stderr, "out of cheese")
		os.Exit(3)
	case killed:
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case hangs:
		c.ask("wait", nil)
	case shuts:
		_ = c.out.Close()
	case garbage:
		c.line([]byte("Listening on port 3000\n\x00\xff{]"))
	case floods:
		for i := range 2000 {
			fmt.Fprintln(os.Stderr, "busy", i)
			c.line([]byte(noise))
		}
	}
}

// write writes a message as the fault has it.
func (c *child) write(what fault, m *message, text []byte) {
	switch what {
	case slow:
		c.mu.Lock()
		defer c.mu.Unlock()
		for piece := range bytes.SplitSeq(append(text, '\n'), []byte(`,`)) {
			_, _ = c.out.Write(piece)
			if piece[len(piece)-1] != '\n' {
				_, _ = c.out.Write([]byte{','})
			}
			time.Sleep(20 * time.Millisecond)
		}
		return
	case truncate:
		c.mu.Lock()
		_, _ = c.out.Write(text[:len(text)/2])
		os.Exit(5)
	case oversize:
		c.mu.Lock()
		defer c.mu.Unlock()
		m.large(c.out)
		_, _ = c.out.Write([]byte{'\n'})
		return
	case stranger:
		text = response(json.RawMessage(strangerID), `{"content":[]}`)
	default:
		c.strike(what)
	}
	c.line(text)
}

func (c *child) line(text []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _ = c.out.Write(append(text, '\n'))
}
