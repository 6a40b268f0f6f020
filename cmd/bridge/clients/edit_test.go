package clients_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/cmd/bridge/clients"
	"github.com/bridge-gateway/bridge/runtime/fault"
)

// corpus are texts of files as they are found, by format; KEY stands for the
// key of a client's entries. Those before exact are restored to the byte by
// remove alone, those after need what was there before.
var corpus = map[clients.Format][]struct {
	name, text string
	exact      bool
}{
	clients.JSON: {
		{"empty", "", false},
		{"blank", "\n\n", false},
		{"comments alone", "// settings\n", false},
		{"no keys", "{}", true},
		{"no keys, a line end", "{}\n", true},
		{"open on two lines", "{\n}\n", false},
		{"other keys", "{\n  \"theme\": \"dark\",\n  \"n\": 1.50\n}\n", true},
		{"no servers", "{\"KEY\": {}}\n", false},
		{"one server", "{\n  \"KEY\": {\n    \"a\": {\n      \"command\": \"x\"\n    }\n  }\n}\n", true},
		{"tabs, no last line end", "{\n\t\"KEY\": {\n\t\t\"a\": {\"command\": \"x\"}\n\t},\n\t\"z\": [1, 2]\n}", true},
		{"CRLF", "{\r\n    \"KEY\": {\r\n        \"a\": {}\r\n    }\r\n}\r\n", true},
		{"minified", `{"KEY":{"a":{"command":"x","args":["1"]}},"z":null}`, true},
		{"one line, blanks", `{ "KEY": { "a": { "command": "x" } }, "z": true }`, true},
		{"comments", "// top\n{\n  // before\n  \"KEY\": {\n    \"a\": {}, // a\n    /* b */ \"b\": {} // last\n    // \"c\": {}\n  } /* end */\n}\n// bottom\n", true},
		{"trailing commas", "{\n  \"KEY\": {\n    \"a\": {},  // x\n  },\n}\n", true},
		{"trailing comma on one line", "{\"KEY\": {\"a\": {},},}", true},
		{"comment in an empty object", "{\n  \"KEY\": { // none yet\n  }\n}\n", false},
		{"byte order mark", "\xef\xbb\xbf{\n  \"a\": 1\n}\n", true},
		{"escapes", "{\n  \"a\\u0062\": \"\\\"//\\\\\", \"url\": \"http://x/*\",\n  \"u\": \"\\ud83d\\ude00\"\n}\n", true},
		{"closing on the last line", "{\n  \"a\": 1 }\n", true},
		{"big numbers", "{\n  \"n\": 123456789012345678901234567890,\n  \"e\": 1e400\n}\n", true},
	},
	clients.TOML: {
		{"empty", "", true},
		{"keys", "model = \"o\"\n", true},
		{"no last line end", "model = \"o\"", true},
		{"blank lines", "model = \"o\" # c\n\n\n", true},
		{"CRLF", "model = \"o\"\r\n\r\n[tui]\r\na = 1\r\n", true},
		{"servers", "# top\n[mcp_servers.a]\ncommand = \"x\" # why\nargs = [\n  \"1\", # one ]\n  \"[2\",\n]\n[mcp_servers.a.env]\nK = '''\n[mcp_servers.bridge]\n'''\n\n# next\n[profiles.x]\nm = { a = [1, 2], b = \"}\" }\n", true},
		{"a header of servers", "[mcp_servers]\n\n[mcp_servers.\"a b\"]\nurl = \"http://x\"\n", true},
		{"dotted keys", "mcp_servers.a.command = \"x\"\n", true},
		{"arrays of tables", "[[x]]\na = 1\n[[x]]\na = 1979-05-27T07:32:00Z\n", true},
		{"strings", "a = \"\\\"[x]\"\nb = '#'\nc = \"\"\"\nx\"\"\"\"\n", true},
	},
	clients.YAML: {
		{"empty", "", true},
		{"comments alone", "# x\n", true},
		{"keys", "a: 1 # one\nb: |\n  text\n  # no comment\n\n# end\n", true},
		{"no last line end", "a: 1", true},
		{"null servers", "KEY:\nb: 2\n", false},
		{"CRLF", "a: 1\r\nb: 2\r\n", true},
		{"document start", "---\na: 1\n", true},
	},
}

func clientsOf(format clients.Format) []clients.Client {
	var out []clients.Client
	for _, c := range clients.All() {
		if c.Format == format {
			out = append(out, c)
		}
	}
	return out
}

var entryKey = regexp.MustCompile(`^[{\[\s]*"?([a-z_A-Z]+)`)

// keyOf is the key that a client's entries stand below.
func keyOf(t *testing.T, c clients.Client) string {
	t.Helper()
	text, err := c.Snippet(serverFor(c))
	if err != nil {
		t.Fatal(err)
	}
	return entryKey.FindStringSubmatch(text)[1]
}

func serverFor(c clients.Client) clients.Server {
	if c.StdioOnly() {
		return local
	}
	return remote
}

// TestPutAndRemove adds the entry to every kind of file and takes it out again.
func TestPutAndRemove(t *testing.T) {
	for format, files := range corpus {
		for _, c := range clientsOf(format) {
			for _, f := range files {
				t.Run(c.Name+"/"+f.name, func(t *testing.T) {
					before := strings.ReplaceAll(f.text, "KEY", keyOf(t, c))
					for _, s := range []clients.Server{serverFor(c), local} {
						roundTrip(t, c, s, before, f.exact)
					}
				})
			}
		}
	}
}

func roundTrip(t *testing.T, c clients.Client, s clients.Server, before string, exact bool) {
	t.Helper()
	with, err := c.Put("f", []byte(before), s)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(before, "\n") {
		if at := strings.Index(line, "//"); at >= 0 && !strings.Contains(string(with), strings.TrimSpace(line[at:])) {
			t.Errorf("the comment %q is lost:\n%s", line[at:], with)
		}
	}
	if strings.Contains(before, "\r\n") && strings.Count(string(with), "\n") != strings.Count(string(with), "\r\n") {
		t.Errorf("line ends are mixed:\n%q", with)
	}
	again, err := c.Put("f", with, s)
	if err != nil || string(again) != string(with) {
		t.Errorf("a second time: %v\n%s\nwant\n%s", err, again, with)
	}
	if there, equal, err := c.Has("f", with, s); !there || !equal || err != nil {
		t.Errorf("Has = %v, %v, %v", there, equal, err)
	}
	restored, _, err := c.Remove("f", with, s.Name, []byte("{\"unrelated\": 1}"), []byte(before))
	if err != nil || string(restored) != before {
		t.Errorf("with what was before: %v\n%q\nwant\n%q\nvia\n%s", err, restored, before, with)
	}
	out, gone, err := c.Remove("f", with, s.Name)
	if err != nil {
		t.Fatal(err)
	}
	if exact && string(out) != before && !gone {
		t.Errorf("removed:\n%q\nwant\n%q\nvia\n%s", out, before, with)
	}
	if there, _, err := c.Has("f", out, s); there || err != nil {
		t.Errorf("the entry is still there: %v\n%s", err, out)
	}
}

// TestPutKeepsWhatItDoesNotKnow changes an entry that is there.
func TestPutKeepsWhatItDoesNotKnow(t *testing.T) {
	for _, x := range []struct{ client, before, want string }{
		{"cursor", "{\n  \"mcpServers\": {\n    \"bridge\": {\n      \"url\": \"http://old/mcp\", // mine\n      \"headers\": {\"A\": \"b\"},\n      \"autoApprove\": [\"x\"]\n    }\n  }\n}\n",
			"{\n  \"mcpServers\": {\n    \"bridge\": {\n      \"url\": \"http://127.0.0.1:8080/mcp?a=1&b=<2>\", // mine\n      \"autoApprove\": [\"x\"]\n    }\n  }\n}\n"},
		{"codex", "[mcp_servers.bridge]\ncommand = \"old\" # mine\nargs = [\n  \"x\",\n]\nstartup_timeout_sec = 20\n[mcp_servers.bridge.env]\nA = \"b\"\n[z]\na = 1\n",
			"[mcp_servers.bridge]\nstartup_timeout_sec = 20\nurl = \"http://127.0.0.1:8080/mcp?a=1&b=<2>\"\n[z]\na = 1\n"},
		{"codex", "mcp_servers = { bridge = { command = \"old\", keep = true } }\n", ""},
		{"codex", "[mcp_servers]\nbridge = { command = \"old\", keep = true }\n",
			"[mcp_servers]\n\n[mcp_servers.bridge]\nkeep = true\nurl = \"http://127.0.0.1:8080/mcp?a=1&b=<2>\"\n"},
		{"goose", "extensions:\n  bridge: # mine\n    name: bridge\n    type: stdio\n    cmd: old\n    args:\n    - a\n    - b\n    bundled: null\n    enabled: true\n    description: Bridge\n    timeout: 300\n  other:\n    type: builtin\n",
			"extensions:\n  bridge: # mine\n    name: bridge\n    type: streamable_http\n    bundled: null\n    enabled: true\n    description: Bridge\n    timeout: 300\n    uri: http://127.0.0.1:8080/mcp?a=1&b=<2>\n  other:\n    type: builtin\n"},
		{"continue", "name: x\nmcpServers:\n- name: a\n  command: x\n- name: bridge\n  type: streamable-http\n  url: http://old\n  faviconUrl: y\nmodels: []\n",
			"name: x\nmcpServers:\n- name: a\n  command: x\n- name: bridge\n  type: streamable-http\n  url: http://127.0.0.1:8080/mcp?a=1&b=<2>\n  faviconUrl: y\nmodels: []\n"},
	} {
		c, err := clients.Find(x.client)
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.Put("f", []byte(x.before), remote)
		if x.want == "" {
			if fault.KindOf(err) != fault.Conflict {
				t.Errorf("%s: %v, want a refusal of\n%s", x.client, err, x.before)
			}
			continue
		}
		if err != nil || string(got) != x.want {
			t.Errorf("%s: %v\n%s\nwant\n%s", x.client, err, got, x.want)
		}
	}
}

// TestYAMLBesideOthers puts entries between others and takes them out.
func TestYAMLBesideOthers(t *testing.T) {
	for client, texts := range map[string][]string{
		"goose":    {"extensions:\n  a:\n    type: builtin # c\n\n  # b is off\n  #b: {}\n\nz: 1\n", "extensions:\n    a:\n        cmd: |\n            x\n            # y\n"},
		"continue": {"mcpServers:\n  - name: a\n    command: x\n\nmodels:\n  - x\n", "mcpServers:\n- name: a\n  args: [\"x\",\n    \"y\"]\n# end\nmodels: []\n"},
	} {
		c, err := clients.Find(client)
		if err != nil {
			t.Fatal(err)
		}
		for _, before := range texts {
			roundTrip(t, c, remote, before, true)
		}
	}
}

// TestBrokenFilesAreRefused sees that the message says where.
func TestBrokenFilesAreRefused(t *testing.T) {
	for _, x := range []struct{ client, text, where string }{
		{"cursor", "{\n  \"a\": 1\n  \"b\": 2\n}", "f:3:3: "},
		{"cursor", "{\"a\": [1, 2}", "f:1:12: "},
		{"cursor", "[1]", "f:1:1: "},
		{"cursor", "{\"mcpServers\": [1]}", "f:1:16: "},
		{"cursor", "{\"mcpServers\": null}", "f:1:16: "},
		{"cursor", "{\"a\": 1} x", "f:1:10: "},
		{"cursor", "{\"a\": \"x\n\"}", "f:1:7: "},
		{"cursor", "{/* x", "f:1:2: "},
		{"cursor", strings.Repeat("[", 10_000), "f:1:"},
		{"codex", "a = 1\nb = = 2\n", "f:2:5: "},
		{"codex", "a = 1\na = 2\n", "f:"},
		{"goose", "a: [1\nb: 2\n", "f:1:1: "},
		{"goose", "extensions: {a: {type: builtin}}\n", "f:1:13: "},
		{"goose", "a: 1\n---\nb: 2\n", "f:1:1: "},
		{"goose", "a: 1\na: 2\n", "f:"},
	} {
		c, err := clients.Find(x.client)
		if err != nil {
			t.Fatal(err)
		}
		out, err := c.Put("f", []byte(x.text), remote)
		if fault.KindOf(err) != fault.Conflict || !strings.HasPrefix(fault.Message(err), x.where) || out != nil {
			t.Errorf("%s %.40q: %v, want a refusal at %s", x.client, x.text, err, x.where)
		}
		if err != nil && !strings.Contains(fault.Message(err), "nothing was written") {
			t.Errorf("the message does not say that nothing was written: %v", err)
		}
	}
}

// TestRemoveKeepsAFileThatWasThere sees that only what Bridge made is taken away.
func TestRemoveKeepsAFileThatWasThere(t *testing.T) {
	c, err := clients.Find("cursor")
	if err != nil {
		t.Fatal(err)
	}
	for before, gone := range map[string]bool{"": true, "// mine\n{}\n": false, "{\"a\": 1}": false} {
		with, err := c.Put("f", []byte(before), remote)
		if err != nil {
			t.Fatal(err)
		}
		if _, got, err := c.Remove("f", with, "bridge"); got != gone || err != nil {
			t.Errorf("%q: gone = %v, %v", before, got, err)
		}
	}
	if out, gone, err := c.Remove("f", []byte("{}"), "bridge"); string(out) != "{}" || gone || err != nil {
		t.Errorf("nothing to remove: %q %v %v", out, gone, err)
	}
}
