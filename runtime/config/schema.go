package config

import "go.yaml.in/yaml/v3"

// The functions of this file are the shape of bridge.yaml: every key, once.

func (d *decoder) config(root *yaml.Node) Config {
	c := Default()
	d.object(value{"", root}, []field{
		d.text("listen", &c.Listen),
		d.number("budget", &c.Budget),
		d.text("encoding", &c.Encoding),
		d.text("profile", &c.Profile),
		d.duration("timeout", &c.Timeout),
		{"log", mapping, func(v value) {
			d.object(v, []field{d.text("level", &c.Log.Level), d.text("format", &c.Log.Format)})
		}},
		d.text("instructions", &c.Instructions),
		d.duration("drain", &c.Drain),
		d.reference("state_key", &c.StateKey),
		d.boolean("api", &c.API),
		{"limits", mapping, func(v value) { c.Limits = d.limits(v) }},
		d.shape("shape", &c.Shape),
		d.catalog(&c.Tools),
		d.store(&c.Store),
		d.remainders(&c.Remainders),
		d.flag("caller_shaping", &c.CallerShaping),
		d.flag("ledger", &c.Ledger),
		d.mapOf("sources", mapping, func(name string, v value) {
			c.Sources = append(c.Sources, d.source(name, v))
		}),
		d.mapOf("endpoints", mapping, func(path string, v value) {
			c.Endpoints = append(c.Endpoints, d.endpoint(path, v))
		}),
		d.objects("gen", func(v value) { c.Gen = append(c.Gen, d.gen(v)) }),
	})
	if c.Budget == 0 {
		c.Budget = DefaultBudget
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.Tools.Threshold == 0 {
		c.Tools.Threshold = DefaultThreshold
	}
	return c
}

func (d *decoder) limits(v value) Limits {
	var l Limits
	d.object(v, []field{
		d.number("max_body", &l.MaxBody),
		d.number("max_sessions", &l.MaxSessions),
		d.number("max_concurrent", &l.MaxConcurrent),
		d.duration("session_timeout", &l.SessionTimeout),
		d.duration("ask_timeout", &l.AskTimeout),
	})
	return l
}

func (d *decoder) endpoint(path string, v value) Endpoint {
	e := Endpoint{Path: path}
	d.object(v, []field{
		d.text("name", &e.Name),
		d.text("profile", &e.Profile),
		d.texts("include", &e.Include),
		d.texts("exclude", &e.Exclude),
		d.mapOf("rename", scalar, func(name string, v value) {
			if e.Rename == nil {
				e.Rename = map[string]string{}
			}
			e.Rename[name], _ = d.scalarOf(v)
		}),
		d.number("budget", &e.Budget),
		d.text("instructions", &e.Instructions),
		d.catalog(&e.Tools),
	})
	return e
}

func (d *decoder) source(name string, v value) Source {
	s := Source{Name: name, At: d.at[v.path].String()}
	d.object(v, []field{
		d.text("adapter", &s.Adapter),
		d.text("openapi", &s.OpenAPI),
		d.texts("overlays", &s.Overlays),
		d.texts("command", &s.Command),
		d.text("mcp", &s.MCP),
		d.text("server", &s.Server),
		d.references("env", &s.Env),
		d.text("dir", &s.Dir),
		d.text("isolate", &s.Isolate),
		d.number("max_sessions", &s.MaxSessions),
		d.duration("idle_timeout", &s.IdleTimeout),
		{"prefix", scalar, func(v value) {
			if prefix, ok := d.scalarOf(v); ok {
				s.Prefix = &prefix
			}
		}},
		d.text("url", &s.URL),
		d.references("headers", &s.Headers),
		{"credential", mapping, func(v value) {
			if c, given := d.credential(v); given {
				s.Credential = &c
			}
		}},
		d.mapOf("credentials", mapping, func(scheme string, v value) {
			if s.Credentials == nil {
				s.Credentials = map[string]Credential{}
			}
			s.Credentials[scheme], _ = d.credential(v)
		}),
		{"tools", mapping, func(v value) { s.Tools = d.tools(v) }},
		d.number("budget", &s.Budget),
		d.duration("timeout", &s.Timeout),
		d.shape("shape", &s.Shape),
	})
	return s
}

func (d *decoder) gen(v value) Gen {
	g := Gen{At: d.at[v.path].String()}
	d.object(v, []field{
		d.text("document", &g.Document),
		d.text("name", &g.Name),
		d.text("out", &g.Out),
		d.texts("overlays", &g.Overlays),
		d.text("profile", &g.Profile),
		d.number("max_tokens", &g.MaxTokens),
		d.number("max_tool_tokens", &g.MaxToolTokens),
	})
	return g
}

func (d *decoder) tools(v value) Tools {
	var t Tools
	d.object(v, []field{
		d.texts("include", &t.Include),
		d.texts("exclude", &t.Exclude),
		d.mapOf("override", mapping, func(name string, v value) {
			if t.Override == nil {
				t.Override = map[string]Override{}
			}
			var o Override
			d.object(v, []field{d.text("name", &o.Name), d.text("description", &o.Description), d.number("budget", &o.Budget), d.shape("shape", &o.Shape)})
			t.Override[name] = o
		}),
	})
	return t
}
