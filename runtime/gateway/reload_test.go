package gateway_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/gateway"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// versioned is a source whose tool says which version it is. Calls of "wait"
// wait to be let go.
type versioned struct {
	name, version string
	tools         []string
	err           error // of loading
	began         chan struct{}
	release       chan struct{}
	closed        chan struct{}
	loads         atomic.Int32
}

func version(name, version string, tools ...string) *versioned {
	return &versioned{name: name, version: version, tools: tools,
		began: make(chan struct{}, 8), release: make(chan struct{}), closed: make(chan struct{})}
}

func (v *versioned) Name() string { return v.name }
func (v *versioned) Close() error { close(v.closed); return nil }
func (v *versioned) Tools(context.Context) ([]tool.Tool, error) {
	v.loads.Add(1)
	var tools []tool.Tool
	for _, name := range v.tools {
		tools = append(tools, tool.Tool{Name: name, Input: object})
	}
	return tools, v.err
}
func (v *versioned) Invoke(ctx context.Context, c *call.Call) (*call.Result, error) {
	if c.Tool.Name == "wait" {
		v.began <- struct{}{}
		select {
		case <-v.release:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return &call.Result{Content: []call.Block{call.Text(c.Tool.Name + " of " + v.version)}}, nil
}

func (v *versioned) isClosed() bool {
	select {
	case <-v.closed:
		return true
	default:
		return false
	}
}

// listening connects a client that is told of new lists of tools.
func listening(t *testing.T, url string) (*mcp.ClientSession, <-chan struct{}) {
	t.Helper()
	told := make(chan struct{}, 64)
	return connect(t, url, &mcp.ClientOptions{ToolListChangedHandler: func(context.Context, *mcp.ToolListChangedRequest) { told <- struct{}{} }}), told
}

// until reads what a client is told until its list of tools is as wanted.
func until(t *testing.T, session *mcp.ClientSession, told <-chan struct{}, want string) {
	t.Helper()
	for {
		within(t, told, "the client was not told, or its list never was "+want)
		list, err := session.ListTools(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, tl := range list.Tools {
			names = append(names, tl.Name)
		}
		if strings.Join(names, " ") == want {
			return
		}
	}
}

func say(t *testing.T, session *mcp.ClientSession, name string) string {
	t.Helper()
	res, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: name})
	if err != nil {
		return err.Error()
	}
	return res.Content[0].(*mcp.TextContent).Text
}

func reload(t *testing.T, g *gateway.Gateway, opts gateway.Options) {
	t.Helper()
	if err := g.Reload(complete(t, opts)); err != nil {
		t.Fatal(err)
	}
}

func TestReloadSwapsSourcesUnderAClient(t *testing.T) {
	kept, before := version("kept", "1", "say"), version("changes", "1", "say", "wait")
	g, url := serve(t, gateway.Mount{Source: kept, Prefix: "kept"}, gateway.Mount{Source: before, Prefix: "c"})
	settled(t, g)
	session, told := listening(t, url)
	answer := make(chan string, 1)
	go func() { answer <- say(t, session, "c_wait") }()
	within(t, before.began, "the call did not reach the source")

	after, added := version("changes", "2", "say", "new"), version("added", "1", "say")
	reload(t, g, gateway.Options{Mounts: []gateway.Mount{
		{Source: added, Prefix: "a"}, {Source: kept, Prefix: "kept"}, {Source: after, Prefix: "c"}}})
	until(t, session, told, "a_say kept_say c_say c_new")
	if got := say(t, session, "c_say"); got != "say of 2" {
		t.Errorf("the new source must serve, got %s", got)
	}
	if before.isClosed() {
		t.Error("the source was closed under a call")
	}
	close(before.release)
	if got := within(t, answer, "the call under way has no answer"); got != "wait of 1" {
		t.Errorf("the call under way got %s", got)
	}
	within(t, before.closed, "the source that was replaced was not closed")
	if kept.isClosed() || kept.loads.Load() != 1 {
		t.Errorf("what did not change must be kept; loaded %d times", kept.loads.Load())
	}
}

func TestReloadRemovesASource(t *testing.T) {
	stays, goes := version("stays", "1", "say"), version("goes", "1", "say")
	g, url := serve(t, gateway.Mount{Source: stays, Prefix: "s"}, gateway.Mount{Source: goes, Prefix: "g"})
	settled(t, g)
	session, told := listening(t, url)
	reload(t, g, gateway.Options{Mounts: []gateway.Mount{{Source: stays, Prefix: "other", Exclude: []string{"x_*"}}}})
	until(t, session, told, "other_say")
	within(t, goes.closed, "the source that was taken out was not closed")
	if got := say(t, session, "g_say"); !strings.Contains(got, "there is no tool") {
		t.Errorf("got %s", got)
	}
}

func TestABrokenSuccessorLeavesTheToolsThatWere(t *testing.T) {
	before := version("api", "1", "say")
	g, url := serve(t, gateway.Mount{Source: before, Prefix: "p"})
	settled(t, g)
	session, told := listening(t, url)
	broken := version("api", "2")
	broken.err = fault.New("test", fault.Invalid, "api.yaml:3:1: is broken")
	reload(t, g, gateway.Options{Mounts: []gateway.Mount{{Source: broken, Prefix: "q"}}})
	until(t, session, told, "q_say") // the mount's new settings hold all the same
	if got := say(t, session, "q_say"); got != "say of 1" || before.isClosed() {
		t.Errorf("got %s, closed %v", got, before.isClosed())
	}
	mended := version("api", "3", "say", "more")
	reload(t, g, gateway.Options{Mounts: []gateway.Mount{{Source: mended, Prefix: "q"}}})
	until(t, session, told, "q_say q_more")
	within(t, before.closed, "the first was not closed")
	within(t, broken.closed, "the broken one was not closed")
	if got := say(t, session, "q_say"); got != "say of 3" {
		t.Errorf("got %s", got)
	}
}

func TestReloadOfEndpoints(t *testing.T) {
	source := version("v", "1", "say")
	mounts := []gateway.Mount{{Source: source, Prefix: "v"}}
	g, url := serveWith(t, gateway.Options{Mounts: mounts, Endpoints: []gateway.Endpoint{{Path: "/mcp/goes"}, {Path: "/mcp/stays"}}})
	settled(t, g)
	ended := make(chan error, 1)
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil)
	goes, err := client.Connect(t.Context(), &mcp.StreamableClientTransport{Endpoint: url + "/mcp/goes"}, &mcp.ClientSessionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer goes.Close()
	stays, err := client.Connect(t.Context(), &mcp.StreamableClientTransport{Endpoint: url + "/mcp/stays"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer stays.Close()
	reload(t, g, gateway.Options{Mounts: mounts, Endpoints: []gateway.Endpoint{{Path: "/mcp/stays"}, {Path: "/mcp/comes"}}})
	go func() { _, err := goes.ListTools(t.Context(), nil); ended <- err }()
	if err := within(t, ended, "no answer"); err == nil {
		t.Error("an endpoint that is gone must not answer")
	}
	for path, want := range map[string]int{"/mcp/goes": http.StatusNotFound, "/mcp/stays": http.StatusOK, "/mcp/comes": http.StatusOK} {
		if status, body := send(t, url+path, "tools/list", "", `{`+modernMeta+`}`, nil); status != want {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if got := say(t, stays, "v_say"); got != "say of 1" {
		t.Errorf("a session of an endpoint that stays must go on, got %s", got)
	}
}

func TestReloadRefusesWhatCannotBeServed(t *testing.T) {
	source := version("v", "1", "say")
	g, _ := serve(t, gateway.Mount{Source: source, Prefix: "v"})
	settled(t, g)
	for name, opts := range map[string]gateway.Options{
		"two names":     {Mounts: []gateway.Mount{{Source: version("a", "1")}, {Source: version("a", "2")}}},
		"two endpoints": {Endpoints: []gateway.Endpoint{{Path: "/mcp/a"}, {Path: "/mcp/a"}}},
		"the first":     {Endpoints: []gateway.Endpoint{{Path: gateway.Path}}},
	} {
		if err := g.Reload(complete(t, opts)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if served(g) != "v_say" || source.isClosed() {
		t.Errorf("a refused reload must change nothing; served %s", served(g))
	}
}

func TestReloadUnderCallsLosesNone(t *testing.T) {
	g, url := serve(t, gateway.Mount{Source: version("v", "0", "say"), Prefix: "v"})
	settled(t, g)
	session := connect(t, url, nil)
	done := make(chan struct{})
	lost := make(chan string, 1)
	go func() {
		defer close(lost)
		for {
			select {
			case <-done:
				return
			default:
			}
			if got := say(t, session, "v_say"); !strings.HasPrefix(got, "say of ") {
				lost <- got
				return
			}
		}
	}()
	for range 200 {
		reload(t, g, gateway.Options{Mounts: []gateway.Mount{{Source: version("v", "x", "say"), Prefix: "v"}}})
	}
	close(done)
	if got := <-lost; got != "" {
		t.Errorf("a call was lost: %s", got)
	}
}

// versionedServer is a versioned source that is a whole server; what it has
// besides tools never comes if stuck is set.
type versionedServer struct {
	*versioned
	stuck bool
}

func (s versionedServer) Features(ctx context.Context) (tool.Features, error) {
	if s.stuck {
		<-ctx.Done()
		return tool.Features{}, ctx.Err()
	}
	return tool.Features{}, nil
}
func (versionedServer) Request(context.Context, *call.Request) (json.RawMessage, error) {
	return nil, fault.New("test", fault.Unsupported, "it has tools alone")
}
func (versionedServer) Notices() <-chan call.Notice { return nil }

func TestAServersToolsDoNotWaitForTheRest(t *testing.T) {
	stuck := &versionedServer{version("stuck", "1", "say"), true}
	_, url := serve(t, gateway.Mount{Source: stuck, Prefix: "s"}, gateway.Mount{Source: version("well", "1", "say"), Prefix: "w"})
	session, told := listening(t, url)
	list, err := session.ListTools(t.Context(), nil) // waits for sources that load, no longer than the grace
	if err != nil {
		t.Fatal(err)
	}
	if len(list.Tools) != 2 {
		until(t, session, told, "s_say w_say")
	}
	if got := say(t, session, "s_say"); got != "say of 1" {
		t.Errorf("got %s", got)
	}
}

func TestAServersSuccessorTakesOverAtOnce(t *testing.T) {
	before := &versionedServer{version("v", "1", "say"), false}
	g, url := serve(t, gateway.Mount{Source: before, Prefix: "v"})
	settled(t, g)
	session := connect(t, url, nil)
	down := &versionedServer{version("v", "2", "say"), false}
	down.err = fault.New("test", fault.Unavailable, "it does not start")
	reload(t, g, gateway.Options{Mounts: []gateway.Mount{{Source: down, Prefix: "v"}}})
	within(t, before.closed, "a server must not run beside its successor")
	if served(g) != "v_say" {
		t.Errorf("its tools must stay listed, served %q", served(g))
	}
	if got := say(t, session, "v_say"); got != "say of 2" {
		t.Errorf("calls must go to the successor, got %s", got)
	}
}
