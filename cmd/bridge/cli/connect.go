package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/pmezard/go-difflib/difflib"
	"github.com/spf13/cobra"

	"github.com/bridge-gateway/bridge/cmd/bridge/clients"
	"github.com/bridge-gateway/bridge/runtime/config"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/gateway"
)

// connection is what the command line says of the gateway's entry.
type connection struct {
	name, url, endpoint, scope string
	stdio                      bool
	headers                    []string
}

// connectWork is what `bridge connect` is to do with the entry.
type connectWork struct {
	connection
	remove, list, dryRun, print, json bool
	asked                             *askedGateway
}

// connected says what came of one client's file.
type connected struct {
	Client string `json:"client"`
	Scope  string `json:"scope"`
	File   string `json:"file"`
	Entry  string `json:"entry"`
	Status string `json:"status"` // connected, already connected, removed, not connected
	DryRun bool   `json:"dryRun,omitempty"`
	Backup string `json:"backup,omitempty"`
	Diff   string `json:"diff,omitempty"`
	Next   string `json:"next,omitempty"`
	// Tools is how many tools the gateway showed when it was asked as the client
	// will ask it, and Problem why it showed none; neither is there if it was not
	// asked.
	Tools   *int   `json:"tools,omitempty"`
	Problem string `json:"problem,omitempty"`
}

func (a *app) connect() *cobra.Command {
	var w connectWork
	cmd := &cobra.Command{
		Use:   "connect CLIENT …",
		Short: "Write the gateway into the configuration of MCP clients",
		Long: `Writes the gateway's entry into a client's own configuration file, or takes it
out again with --remove. Nothing else in the file changes; a backup stays beside
it. Clients that take URLs get the URL of bridge.yaml's listen; Claude Desktop,
which starts commands only, gets ` + "`bridge serve --stdio`" + `.

Clients: ` + strings.Join(clients.Names(), ", ") + `.

` + "`bridge connect import`" + ` goes the other way: it takes the servers that clients have
into bridge.yaml.`,
		Example: `  bridge connect --list
  bridge connect claude-code cursor
  bridge connect vscode --scope project --dry-run
  bridge connect codex --url https://gw.example.com/mcp --header 'Authorization=Bearer ${env:GATEWAY_KEY}'
  bridge connect claude --remove`,
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: completeClients,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.runConnect(cmd, args, w)
		},
	}
	flags := cmd.Flags()
	w.connection.flags(cmd)
	flags.BoolVar(&w.remove, "remove", false, "take the entry out again")
	flags.BoolVar(&w.list, "list", false, "list the known clients, their files, and whether they are connected")
	flags.BoolVar(&w.dryRun, "dry-run", false, "show what would change, write nothing")
	flags.BoolVar(&w.print, "print", false, "print the entry alone, write nothing")
	flags.BoolVar(&w.json, "json", false, "report as JSON")
	cmd.MarkFlagsMutuallyExclusive("list", "remove", "print")
	cmd.AddCommand(a.connectImport())
	return cmd
}

// flags adds the flags that say what the entry is.
func (c *connection) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&c.name, "name", "bridge", "name of the entry")
	flags.StringVar(&c.url, "url", "", "URL of the gateway (default that of bridge.yaml)")
	flags.StringVar(&c.endpoint, "endpoint", "", "path of one of the gateway's endpoints (default "+gateway.Path+")")
	flags.StringVar(&c.scope, "scope", string(clients.User), "whose configuration: user, or project for this folder's")
	flags.BoolVar(&c.stdio, "stdio", false, "let the client start the gateway instead of calling its URL")
	flags.StringArrayVar(&c.headers, "header", nil, "header for the gateway, NAME=VALUE; ${env:VARIABLE} becomes the client's own reference")
	_ = cmd.RegisterFlagCompletionFunc("scope", cobra.FixedCompletions([]string{"user", "project"}, cobra.ShellCompDirectiveNoFileComp))
	cmd.MarkFlagsMutuallyExclusive("stdio", "url")
	cmd.MarkFlagsMutuallyExclusive("stdio", "endpoint")
	cmd.MarkFlagsMutuallyExclusive("stdio", "header")
}

func completeClients(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, c := range clients.All() {
		if !slices.Contains(args, c.Name) {
			names = append(names, c.Name+"\t"+c.Title)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

func (a *app) runConnect(cmd *cobra.Command, args []string, w connectWork) error {
	env, err := clients.Host()
	if err != nil {
		return failed(err)
	}
	if w.list {
		return a.listClients(cmd, env, args, w)
	}
	if len(args) == 0 {
		return fmt.Errorf("connect needs the name of a client; `bridge connect --list` shows them all")
	}
	chosen := make([]clients.Client, len(args))
	for i, name := range args {
		if chosen[i], err = clients.Find(name); err != nil {
			return err
		}
	}
	var results []connected
	w.asked = &askedGateway{}
	for _, c := range chosen {
		result, err := a.connectClient(cmd, env, c, w)
		if err != nil {
			return err
		}
		results = append(results, result)
	}
	if w.json && !w.print {
		return a.writeJSON(results)
	}
	return nil
}

func (a *app) writeJSON(v any) error {
	enc := json.NewEncoder(a.Out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return failed(enc.Encode(v))
}

// connectClient does what is asked for one client.
func (a *app) connectClient(cmd *cobra.Command, env clients.Environment, c clients.Client, w connectWork) (connected, error) {
	result := connected{Client: c.Name, Scope: w.scope, Entry: w.name, DryRun: w.dryRun}
	var err error
	if result.File, err = c.Place(env, clients.Scope(w.scope)); err != nil {
		return result, err
	}
	if w.remove {
		return a.disconnect(c, w, result)
	}
	server, err := a.entry(cmd, c, w.connection)
	if err != nil {
		return result, err
	}
	if w.print {
		text, err := c.Snippet(server)
		if err != nil {
			return result, err
		}
		fmt.Fprintf(a.Out, "%s\n", text)
		return result, nil
	}
	file, err := clients.Read(result.File, newMode(w.scope))
	if err != nil {
		return result, failed(err)
	}
	text, err := c.Put(result.File, file.Data, server)
	if err != nil {
		return result, fileFailed(err)
	}
	result.Status, result.Next = "already connected", c.Next
	if !file.Exists || string(text) != string(file.Data) {
		result.Status = "connected"
		if err := a.save(file, text, &result); err != nil {
			return result, err
		}
	}
	if server.URL != "" && !w.dryRun {
		result.Tools, result.Problem = w.asked.once(cmd.Context(), server)
	}
	a.sayConnected(c, w, result)
	a.warnOf(cmd, w, server, result)
	return result, nil
}

// newMode is the mode of a file that is not there yet: the user's own may come
// to hold secrets, a project's is for everybody.
func newMode(scope string) os.FileMode {
	if scope == string(clients.Project) {
		return 0o644
	}
	return 0o600
}

// save writes a file, or with DryRun notes what would change.
func (a *app) save(file *clients.File, text []byte, result *connected) error {
	if result.DryRun {
		result.Diff = unified(file.Name, file.Data, text)
		return nil
	}
	var err error
	result.Backup, err = file.Write(text, time.Now())
	return failed(err)
}

// unified returns what changes in a file, without the secrets in it.
func unified(name string, have, want []byte) string {
	text, err := difflib.GetUnifiedDiffString(difflib.UnifiedDiff{
		A: diffLines(have), B: diffLines(want), FromFile: name, ToFile: name + " (new)", Context: 3})
	if err != nil {
		return "" // a string takes all that is written
	}
	return clients.Mask(text)
}

// fileFailed marks an error as a file's, unless it is the command line's.
func fileFailed(err error) error {
	if kind := fault.KindOf(err); kind == fault.Invalid || kind == fault.Unsupported {
		return err
	}
	return failed(err)
}

// diffLines splits a text for a diff, each line with its end.
func diffLines(text []byte) []string {
	if len(text) == 0 {
		return nil
	}
	lines := strings.SplitAfter(string(text), "\n")
	if last := len(lines) - 1; lines[last] == "" {
		lines = lines[:last]
	} else {
		lines[last] += "\n\\ No newline at end of file\n"
	}
	return lines
}

// disconnect takes the entry out of a client's file.
func (a *app) disconnect(c clients.Client, w connectWork, result connected) (connected, error) {
	result.Status = "not connected"
	file, err := clients.Read(result.File, newMode(w.scope))
	if err != nil {
		return result, failed(err)
	}
	text, gone, err := c.Remove(result.File, file.Data, w.name, file.Backups()...)
	if err != nil {
		return result, failed(err)
	}
	if string(text) == string(file.Data) {
		a.say(w.json, "%s is not connected: %s has no entry %q.\n", c.Title, result.File, w.name)
		return result, nil
	}
	result.Status, result.Next = "removed", c.Next
	switch {
	case gone && !w.dryRun:
		result.Backup, err = file.Delete(time.Now())
		err = failed(err)
	case gone:
		result.Diff = unified(file.Name, file.Data, nil)
	default:
		err = a.save(file, text, &result)
	}
	if err != nil {
		return result, err
	}
	a.sayConnected(c, w, result)
	return result, nil
}

// say writes to a person, unless the report is for a program.
func (a *app) say(quiet bool, format string, args ...any) {
	if !quiet {
		fmt.Fprintf(a.Out, format, args...)
	}
}

func (a *app) sayConnected(c clients.Client, w connectWork, r connected) {
	if w.dryRun && r.Diff != "" {
		a.say(w.json, "%s", r.Diff)
		return
	}
	if r.Status == "already connected" {
		a.say(w.json, "%s is already connected: %s has the entry %q.\n", c.Title, r.File, r.Entry)
		return
	}
	word := "is connected: the entry %q is in %s.\n"
	if r.Status == "removed" {
		word = "is no longer connected: the entry %q is out of %s.\n"
	}
	a.say(w.json, c.Title+" "+word, r.Entry, r.File)
	if r.Backup != "" {
		a.say(w.json, "  before   %s\n", r.Backup)
	}
	if r.Tools != nil {
		a.say(w.json, "  gateway  answers, with %d tools\n", *r.Tools)
	}
	a.say(w.json, "  next     %s\n", r.Next)
}

// entry returns the gateway's entry for a client.
func (a *app) entry(cmd *cobra.Command, c clients.Client, conn connection) (clients.Server, error) {
	if conn.name == "" || len(conn.name) > 64 || strings.ContainsAny(conn.name, "\n\r\x00") {
		return clients.Server{}, fmt.Errorf("--name takes a name of 1 to 64 characters")
	}
	byURL := conn.url != "" || conn.endpoint != "" || len(conn.headers) > 0
	if conn.stdio || c.StdioOnly() && !byURL {
		return a.stdioEntry(cmd, conn)
	}
	server := clients.Server{Name: conn.name}
	var err error
	if server.URL, err = a.gatewayURL(cmd, conn); err != nil {
		return server, err
	}
	if server.Headers, err = headers(conn.headers); err != nil {
		return server, err
	}
	if !c.StdioOnly() {
		return server, nil
	}
	if len(server.Headers) > 0 {
		return server, fmt.Errorf("%s's file takes no headers; connect it with --stdio", c.Title)
	}
	return clients.Remote(server), nil
}

// headers reads NAME=VALUE.
func headers(given []string) (map[string]string, error) {
	out := map[string]string{}
	for _, h := range given {
		name, value, ok := strings.Cut(h, "=")
		if !ok || strings.TrimSpace(name) == "" || strings.ContainsAny(h, "\r\n") {
			return nil, fmt.Errorf("--header takes NAME=VALUE, such as 'Authorization=Bearer ${env:GATEWAY_KEY}'")
		}
		out[strings.TrimSpace(name)] = value
	}
	return out, nil
}

// stdioEntry is the entry that starts this program.
func (a *app) stdioEntry(cmd *cobra.Command, conn connection) (clients.Server, error) {
	file, _, err := a.readConfig(cmd)
	if err != nil {
		return clients.Server{}, err
	}
	if file == "" {
		return clients.Server{}, fmt.Errorf("a client that starts the gateway needs its configuration: name it with --config, or write one with `bridge init`; --url connects to a gateway that runs")
	}
	if file, err = filepath.Abs(file); err != nil {
		return clients.Server{}, err
	}
	program, err := os.Executable()
	if err != nil {
		return clients.Server{}, failed(err)
	}
	return clients.Server{Name: conn.name, Command: []string{program, "serve", "--stdio", "--config", file}}, nil
}

// gatewayURL is where the gateway serves, as its clients see it.
func (a *app) gatewayURL(cmd *cobra.Command, conn connection) (string, error) {
	if conn.url != "" {
		u, err := url.Parse(conn.url)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return "", fmt.Errorf("--url takes an http or https URL, such as http://127.0.0.1:8080%s", gateway.Path)
		}
		if conn.endpoint != "" {
			return u.Scheme + "://" + u.Host + conn.endpoint, nil
		}
		return conn.url, nil
	}
	cfg, _, err := a.loadConfig(cmd)
	if err != nil {
		return "", err
	}
	host, port, err := net.SplitHostPort(cfg.Listen)
	if err != nil || port == "0" {
		return "", fmt.Errorf("the configuration listens on %s, a port that differs at each start; name the gateway's URL with --url, or give it a port", cfg.Listen)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	path, err := endpointPath(cfg, conn.endpoint)
	return "http://" + net.JoinHostPort(host, port) + path, err
}

// endpointPath returns the path of an endpoint that the gateway has.
func endpointPath(cfg config.Config, asked string) (string, error) {
	paths := []string{gateway.Path}
	for _, e := range cfg.Endpoints {
		paths = append(paths, e.Path)
	}
	if asked == "" {
		return gateway.Path, nil
	}
	if !slices.Contains(paths, asked) {
		return "", fmt.Errorf("the configuration has no endpoint %s; it has %s", asked, strings.Join(paths, ", "))
	}
	return asked, nil
}

// warnOf says what may keep a new entry from working.
func (a *app) warnOf(cmd *cobra.Command, w connectWork, s clients.Server, r connected) {
	if s.URL == "" {
		if _, data, err := a.readConfig(cmd); err == nil && strings.Contains(string(data), "${env:") {
			fmt.Fprintln(a.Err, "  note     bridge.yaml refers to environment variables; they must be set where the client is started")
		}
		return
	}
	if w.scope == string(clients.Project) && clients.SecretHeaders(s) {
		fmt.Fprintln(a.Err, "  note     a header looks like a secret, and the file is the project's: don't commit it; ${env:VARIABLE} keeps it out")
	}
	if r.Problem != "" {
		fmt.Fprintf(a.Err, "  note     %s\n", r.Problem)
	}
}

// listed is a row of `bridge connect --list`.
type listed struct {
	Client    string `json:"client"`
	Title     string `json:"title"`
	Scope     string `json:"scope"`
	File      string `json:"file"`
	Installed bool   `json:"installed"`
	Connected bool   `json:"connected"`
	Servers   int    `json:"servers"`
	Problem   string `json:"problem,omitempty"`
}

func (a *app) listClients(cmd *cobra.Command, env clients.Environment, args []string, w connectWork) error {
	rows := []listed{}
	for _, c := range clients.All() {
		if len(args) > 0 && !slices.Contains(args, c.Name) {
			continue
		}
		rows = append(rows, a.listClient(env, c, clients.User, w.name))
		if c.HasProject() {
			if row := a.listClient(env, c, clients.Project, w.name); row.Installed || cmd.Flags().Changed("scope") && w.scope == row.Scope {
				rows = append(rows, row)
			}
		}
	}
	if cmd.Flags().Changed("scope") {
		rows = slices.DeleteFunc(rows, func(r listed) bool { return r.Scope != w.scope })
	}
	if w.json {
		return a.writeJSON(rows)
	}
	return failed(printListed(a.Out, rows))
}

// listClient looks at one file of a client. A user's client counts as there if
// its file's folder is, as programs make it when they are first run.
func (a *app) listClient(env clients.Environment, c clients.Client, scope clients.Scope, name string) listed {
	file, err := c.Place(env, scope)
	row := listed{Client: c.Name, Title: c.Title, Scope: string(scope), File: file}
	if err != nil {
		row.Problem = fault.Message(err)
		return row
	}
	f, err := clients.Read(file, newMode(string(scope)))
	if err != nil {
		row.Installed, row.Problem = true, fault.Message(err)
		return row
	}
	row.Installed = f.Exists
	if dir := filepath.Dir(file); scope == clients.User && dir != env.Home {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			row.Installed = true
		}
	}
	servers, err := c.Servers(file, f.Data)
	if err != nil {
		row.Problem = fault.Message(err)
		return row
	}
	row.Servers = len(servers)
	row.Connected = slices.ContainsFunc(servers, func(s clients.Server) bool { return s.Name == name })
	return row
}

func printListed(out io.Writer, rows []listed) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "CLIENT\tSCOPE\tINSTALLED\tCONNECTED\tSERVERS\tFILE")
	for _, r := range rows {
		yes := map[bool]string{true: "yes", false: "-"}
		file := r.File
		if r.Problem != "" {
			file = r.Problem
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%s\n", r.Client, r.Scope, yes[r.Installed], yes[r.Connected], r.Servers, file)
	}
	return w.Flush()
}
