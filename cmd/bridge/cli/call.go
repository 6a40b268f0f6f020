package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/config"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/gateway"
)

// maxArguments bounds arguments read from standard input, in bytes.
const maxArguments = 16 << 20

type callOptions struct {
	json, dryRun bool
	documents    []string
}

func (a *app) call() *cobra.Command {
	var o callOptions
	var from adhoc
	cmd := &cobra.Command{
		Use:   "call TOOL [ARGUMENTS]",
		Short: "Call one tool, as a client would",
		Long: `Calls a tool of bridge.yaml's sources, or of a document, through the whole
pipeline: credentials, budget and all. ARGUMENTS is a JSON object; "-" reads it
from standard input. Exit code 1 means that the tool answered with an error.`,
		Example: `  bridge call crm_list_contacts '{"limit": 2}'
  bridge call crm_create_contact - < contact.json
  bridge call crm_get_contact '{"contact_id": "con_1"}' --document specs/crm.yaml --url http://127.0.0.1:9090
  bridge call crm_delete_contact '{"contact_id": "con_1"}' --dry-run`,
		Args: takes(1, 2, `call takes a tool's name and one JSON object in single quotes, such as '{"limit": 2}'`),
		RunE: func(cmd *cobra.Command, args []string) error {
			arguments, err := a.arguments(args[1:])
			if err != nil {
				return err
			}
			cfg, file, err := a.servedConfig(cmd, o.documents, &from)
			if err != nil {
				return err
			}
			if len(cfg.Sources) == 0 {
				return fmt.Errorf("there is nothing to call: name a document with --document, or write a bridge.yaml with `bridge init`")
			}
			return a.callTool(cmd.Context(), cfg, file, args[0], arguments, o)
		},
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print the whole result as MCP has it")
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "print the HTTP request that would be sent, and send nothing")
	cmd.Flags().StringArrayVarP(&o.documents, "document", "d", nil, "document or URL to take the tool from, instead of bridge.yaml; may be repeated")
	profileFlag(cmd)
	from.flags(cmd)
	return cmd
}

// arguments returns the JSON object of arguments.
func (a *app) arguments(args []string) (json.RawMessage, error) {
	if len(args) == 0 {
		return nil, nil
	}
	data := []byte(args[0])
	if args[0] == "-" {
		var err error
		if data, err = io.ReadAll(io.LimitReader(a.In, maxArguments+1)); err != nil {
			return nil, err
		}
		if len(data) > maxArguments {
			return nil, fault.New("call.arguments", fault.TooLarge, "the arguments are over 16 MiB, more than the gateway takes of a client")
		}
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(data, &object); err != nil {
		return nil, fault.Wrap("call.arguments", fault.Invalid, `the arguments are no JSON object; give one like '{"limit": 2}', in single quotes`, err)
	}
	return data, nil
}

func (a *app) callTool(ctx context.Context, cfg config.Config, file, name string, arguments json.RawMessage, o callOptions) (err error) {
	logger := a.logger(quiet(cfg.Log))
	mounts := mayHave(a.wire(cfg, file, logger).mounts(ctx), name)
	g, err := a.loaded(ctx, cfg, mounts, logger)
	if err != nil {
		return err
	}
	defer func() { err = firstOf(err, failed(g.Close())) }()
	c := &call.Call{Name: name, Arguments: arguments, Caller: call.Caller{Client: "bridge-call"}}
	if o.dryRun {
		return a.dryRun(ctx, g, mounts, c)
	}
	res, err := g.Call(ctx, c)
	if err != nil {
		return failed(firstOf(whyMissing(g, err), err))
	}
	if err := a.printResult(res, o.json); err != nil {
		return err
	}
	if res.IsError {
		return &exitError{code: exitFailed}
	}
	return nil
}

// mayHave returns the mounts whose tools' names can begin as name does, so that
// a call starts no source for nothing; all, if none can.
func mayHave(mounts []gateway.Mount, name string) []gateway.Mount {
	fitting := slices.DeleteFunc(slices.Clone(mounts), func(m gateway.Mount) bool {
		return m.Prefix != "" && !strings.HasPrefix(name, m.Prefix+"_")
	})
	if len(fitting) == 0 {
		return mounts
	}
	return fitting
}

// whyMissing returns the reason for a tool's absence if its source is down.
func whyMissing(g *gateway.Gateway, err error) error {
	if fault.KindOf(err) != fault.NotFound {
		return nil
	}
	for _, s := range g.Status() {
		if s.Error != "" {
			return fault.Wrap("call.source", fault.Unavailable, fmt.Sprintf("source %q can't be loaded: %s", s.Name, s.Error), err)
		}
	}
	return nil
}

// printResult prints a result for a person: its text, and a word for all else.
func (a *app) printResult(res *call.Result, asJSON bool) error {
	if asJSON {
		return a.printJSON(res)
	}
	for _, b := range res.Content {
		text := b.Text
		if b.Type != "text" {
			text = fmt.Sprintf("[%s, %d bytes of JSON; --json shows it]", b.Type, len(b.Raw))
		}
		if _, err := fmt.Fprintln(a.Out, strings.TrimRight(text, "\n")); err != nil {
			return err
		}
	}
	return nil
}

// requester is a source that can show its requests.
type requester interface {
	Request(ctx context.Context, c *call.Call) (*http.Request, error)
}

// dryRun prints what a call would send.
func (a *app) dryRun(ctx context.Context, g *gateway.Gateway, mounts []gateway.Mount, c *call.Call) error {
	entry, err := g.Catalog().Lookup(c.Name)
	if err != nil {
		return failed(firstOf(whyMissing(g, err), err))
	}
	c.Tool, c.Source = entry.Tool, entry.Source
	for _, m := range mounts {
		if m.Source.Name() != entry.Source {
			continue
		}
		source, ok := m.Source.(requester)
		if !ok {
			return a.printJSON(map[string]any{"method": "tools/call", "params": map[string]any{"name": entry.Tool.Name, "arguments": c.Arguments}})
		}
		req, err := source.Request(ctx, c)
		if err != nil {
			return failed(err)
		}
		return a.printRequest(req, c.Credentials)
	}
	return nil
}

// printRequest prints a request as it goes over the wire, with every credential
// left out.
func (a *app) printRequest(req *http.Request, credentials []call.Credential) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s\n", req.Method, req.URL)
	names := make([]string, 0, len(req.Header))
	for name := range req.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range req.Header[name] {
			fmt.Fprintf(&b, "%s: %s\n", name, value)
		}
	}
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "\n%s\n", body)
	}
	text := b.String()
	for _, c := range credentials {
		if c.Value != "" {
			text = strings.ReplaceAll(text, c.Value, "[redacted]")
		}
	}
	_, err := io.WriteString(a.Out, text)
	return err
}
