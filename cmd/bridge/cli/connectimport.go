package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/bridge-gateway/bridge/cmd/bridge/clients"
	"github.com/bridge-gateway/bridge/runtime/config"
	"github.com/bridge-gateway/bridge/runtime/fault"
)

// importWork is what `bridge connect import` is to do.
type importWork struct {
	connection
	all, replace, dryRun, keepSecrets, json bool
}

// clientFile is a client's file that servers are read from.
type clientFile struct {
	client clients.Client
	file   *clients.File
}

// imported is the report of an import, for programs.
type imported struct {
	Config    string            `json:"config"`
	DryRun    bool              `json:"dryRun,omitempty"`
	Sources   []importedSource  `json:"sources"`
	Skipped   []importedSkip    `json:"skipped"`
	Variables []string          `json:"variables"`
	Replaced  []string          `json:"replaced,omitempty"`
	Backups   map[string]string `json:"backups,omitempty"`
	Diff      string            `json:"diff,omitempty"`
}

type importedSource struct {
	Name string   `json:"name"`
	From []string `json:"from"` // client: entry
}

type importedSkip struct {
	Entry  string `json:"entry"`
	Client string `json:"client"`
	Reason string `json:"reason"`
}

func (a *app) connectImport() *cobra.Command {
	var w importWork
	cmd := &cobra.Command{
		Use:   "import [CLIENT|FILE …]",
		Short: "Take the MCP servers that clients have into bridge.yaml",
		Long: `Reads the MCP servers in the configuration of clients and adds them to bridge.yaml
as sources, so that each is configured once. The file's comments and order stay;
it is made if there is none. Values that look like secrets become references to
environment variables, which are named at the end. Servers that several clients
have become one source.

With --replace, the clients then get the gateway in place of what was imported.`,
		Example: `  bridge connect import --all --dry-run
  bridge connect import cursor claude
  bridge connect import .vscode/mcp.json
  bridge connect import --all --replace`,
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: completeImport,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 && !w.all {
				return fmt.Errorf("import needs the name of a client, a file, or --all for every client that is here")
			}
			return a.runImport(cmd, args, w)
		},
	}
	w.connection.flags(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&w.all, "all", false, "import from every client that is here, the user's files and this project's")
	flags.BoolVar(&w.replace, "replace", false, "put the gateway into the clients in place of what was imported")
	flags.BoolVar(&w.dryRun, "dry-run", false, "show what would change, write nothing")
	flags.BoolVar(&w.keepSecrets, "keep-secrets", false, "copy values that look like secrets as they are")
	flags.BoolVar(&w.json, "json", false, "report as JSON")
	return cmd
}

func completeImport(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
	names, _ := completeClients(cmd, args, prefix)
	return names, cobra.ShellCompDirectiveDefault
}

func (a *app) runImport(cmd *cobra.Command, args []string, w importWork) error {
	env, err := clients.Host()
	if err != nil {
		return failed(err)
	}
	files, found, err := importFrom(env, args, w)
	if err != nil {
		return err
	}
	target, cfg, err := a.importTarget(cmd, w)
	if err != nil {
		return err
	}
	plan := clients.Import(found, a.importOptions(cmd, cfg, w))
	text := target.Data
	for _, s := range plan.Sources {
		if text, err = clients.AddSource(target.Name, text, s.Server); err != nil {
			return err
		}
	}
	if len(plan.Sources) > 0 {
		if _, err := config.ParseWith(text, target.Name, a.lookup(cmd.Flags())); err != nil {
			return fault.Wrap("connect.import", fault.Invalid, "what was found does not make a valid "+target.Name+"; nothing was written", err)
		}
	}
	report := reportOf(plan, target.Name, w.dryRun)
	if err := a.saveImport(target, text, &report); err != nil {
		return err
	}
	if w.replace {
		if err := a.replaceImported(cmd, files, plan, w, &report); err != nil {
			return err
		}
	}
	if w.json {
		return a.writeJSON(report)
	}
	a.sayImported(plan, report, w)
	return nil
}

// importFrom reads the servers of the clients and files that are named, or of
// all clients.
func importFrom(env clients.Environment, args []string, w importWork) ([]clientFile, []clients.Found, error) {
	var files []clientFile
	if w.all {
		for _, c := range clients.All() {
			for _, scope := range []clients.Scope{clients.User, clients.Project} {
				if scope == clients.User || c.HasProject() {
					args = append(args, c.Name+"\x00"+string(scope))
				}
			}
		}
	}
	for _, arg := range args {
		f, err := importFile(env, arg, w)
		if err != nil {
			return nil, nil, err
		}
		same := func(x clientFile) bool { return x.file.Name == f.file.Name }
		if f.file.Exists && !slices.ContainsFunc(files, same) {
			files = append(files, f)
		} else if !f.file.Exists && !strings.Contains(arg, "\x00") {
			return nil, nil, failed(fault.New("connect.import", fault.NotFound, fmt.Sprintf("%s has no configuration here: there is no %s", f.client.Title, f.file.Name)))
		}
	}
	var found []clients.Found
	for _, f := range files {
		servers, err := f.client.Servers(f.file.Name, f.file.Data)
		if err != nil {
			return nil, nil, failed(err)
		}
		folder := ""
		if rest, ok := strings.CutPrefix(f.file.Name, env.Project+string(filepath.Separator)); ok && rest != "" {
			folder = env.Project
		}
		for _, s := range servers {
			found = append(found, clients.Found{Server: s, Client: f.client.Title, File: f.file.Name, Folder: folder})
		}
	}
	return files, found, nil
}

// importFile reads what an argument names: a client, by its scope, or a file.
func importFile(env clients.Environment, arg string, w importWork) (clientFile, error) {
	name, scope, given := strings.Cut(arg, "\x00")
	if !given {
		scope = w.scope
	}
	c, unknown := clients.Find(name)
	place := name
	if unknown == nil {
		var err error
		if place, err = c.Place(env, clients.Scope(scope)); err != nil {
			return clientFile{}, err
		}
	} else if abs, err := filepath.Abs(name); err == nil {
		place = abs
	}
	f, err := clients.Read(place, newMode(scope))
	if err != nil {
		return clientFile{}, failed(err)
	}
	if unknown != nil {
		if !f.Exists {
			if strings.ContainsAny(name, `./\`) {
				unknown = fault.Wrap("connect.import", fault.Invalid, "there is no file "+name, fs.ErrNotExist)
			}
			return clientFile{}, unknown
		}
		if c, err = clients.Detect(env, place, f.Data); err != nil {
			return clientFile{}, err
		}
	}
	return clientFile{client: c, file: f}, nil
}

// importTarget reads the bridge.yaml that sources are added to. A new one that
// is to hold secrets is for its owner alone.
func (a *app) importTarget(cmd *cobra.Command, w importWork) (*clients.File, config.Config, error) {
	name, _ := cmd.Flags().GetString("config")
	if name == "" {
		if name = os.Getenv("BRIDGE_CONFIG"); name == "" {
			name = defaultConfig
		}
	}
	mode := os.FileMode(0o644)
	if w.keepSecrets {
		mode = 0o600
	}
	file, err := clients.Read(name, mode)
	if err != nil {
		return nil, config.Config{}, err
	}
	if !file.Exists {
		return file, config.Default(), nil
	}
	cfg, err := config.ParseWith(file.Data, name, a.lookup(cmd.Flags()))
	return file, cfg, err
}

func (a *app) importOptions(cmd *cobra.Command, cfg config.Config, w importWork) clients.ImportOptions {
	opts := clients.ImportOptions{KeepSecrets: w.keepSecrets}
	for _, s := range cfg.Sources {
		opts.Taken = append(opts.Taken, s.Name)
		have := clients.Server{URL: s.MCP, Command: s.Command, Env: map[string]string{}, Headers: map[string]string{}}
		for k, v := range s.Env {
			have.Env[k] = string(v)
		}
		for k, v := range s.Headers {
			have.Headers[k] = string(v)
		}
		opts.Present = append(opts.Present, have)
	}
	own := []string{"http://" + strings.Replace(cfg.Listen, "0.0.0.0:", "127.0.0.1:", 1)}
	if u, err := a.gatewayURL(cmd, w.connection); err == nil {
		own = append(own, strings.TrimSuffix(u, "/mcp"))
	}
	program, _ := os.Executable() // "" is no command
	opts.Own = func(s clients.Server) bool { return ownEntry(s, w.name, program, own) }
	return opts
}

// ownEntry reports whether an entry is the gateway itself: its URL, through
// mcp-remote too, or this program serving.
func ownEntry(s clients.Server, name, program string, origins []string) bool {
	for _, word := range append([]string{s.URL}, s.Command...) {
		for _, origin := range origins {
			rest, ok := strings.CutPrefix(strings.Replace(word, "//localhost:", "//127.0.0.1:", 1), origin)
			if ok && (rest == "" || rest[0] == '/') {
				return true
			}
		}
	}
	if len(s.Command) < 2 || s.Command[1] != "serve" {
		return false
	}
	base := strings.TrimSuffix(filepath.Base(s.Command[0]), ".exe")
	return s.Command[0] == program || base == "bridge" || s.Name == name && slices.Contains(s.Command, "--stdio")
}

func reportOf(plan clients.Plan, target string, dryRun bool) imported {
	r := imported{Config: target, DryRun: dryRun, Sources: []importedSource{}, Skipped: []importedSkip{}, Variables: []string{}, Backups: map[string]string{}}
	for _, s := range plan.Sources {
		from := make([]string, len(s.From))
		for i, f := range s.From {
			from[i] = f.Client + ": " + f.Name
		}
		r.Sources = append(r.Sources, importedSource{s.Name, from})
	}
	for _, s := range plan.Skipped {
		r.Skipped = append(r.Skipped, importedSkip{s.Name, s.Client, s.Reason})
	}
	for _, f := range plan.Present {
		r.Skipped = append(r.Skipped, importedSkip{f.Name, f.Client, "it is a source already"})
	}
	for _, v := range plan.Variables {
		r.Variables = append(r.Variables, v.Name)
	}
	return r
}

// saveImport writes bridge.yaml, or notes what would change.
func (a *app) saveImport(target *clients.File, text []byte, r *imported) error {
	if string(text) == string(target.Data) {
		return nil
	}
	if r.DryRun {
		r.Diff += unified(target.Name, target.Data, text)
		return nil
	}
	backup, err := target.Write(text, time.Now())
	if backup != "" {
		r.Backups[target.Name] = backup
	}
	return failed(err)
}

// replaceImported puts the gateway into each client in place of what bridge.yaml
// now has.
func (a *app) replaceImported(cmd *cobra.Command, files []clientFile, plan clients.Plan, w importWork, r *imported) error {
	taken := slices.Clone(plan.Present)
	for _, s := range plan.Sources {
		taken = append(taken, s.From...)
	}
	var errs []error
	for _, f := range files {
		var names []string
		for _, t := range taken {
			if t.File == f.file.Name {
				names = append(names, t.Name)
			}
		}
		if len(names) > 0 {
			errs = append(errs, a.replaceIn(cmd, f, names, w, r))
		}
	}
	return errors.Join(errs...)
}

func (a *app) replaceIn(cmd *cobra.Command, f clientFile, names []string, w importWork, r *imported) error {
	server, err := a.replacement(cmd, f.client, w.connection, r.Config)
	if err != nil {
		return err
	}
	text := f.file.Data
	// The gateway goes in first, so that the object it stands in stays in place.
	if !slices.Contains(names, server.Name) {
		if text, err = f.client.Put(f.file.Name, text, server); err != nil {
			return fileFailed(err)
		}
	}
	for _, name := range names {
		if text, _, err = f.client.Remove(f.file.Name, text, name); err != nil {
			return failed(err)
		}
	}
	if text, err = f.client.Put(f.file.Name, text, server); err != nil {
		return fileFailed(err)
	}
	r.Replaced = append(r.Replaced, f.file.Name)
	if r.DryRun {
		r.Diff += unified(f.file.Name, f.file.Data, text)
		return nil
	}
	backup, err := f.file.Write(text, time.Now())
	r.Backups[f.file.Name] = backup
	return failed(err)
}

// replacement is the gateway's entry. In a dry run the configuration may not be
// there yet, and is taken as if it were.
func (a *app) replacement(cmd *cobra.Command, c clients.Client, conn connection, target string) (clients.Server, error) {
	if c.StdioOnly() && conn.url == "" && conn.endpoint == "" || conn.stdio {
		file, err := filepath.Abs(target)
		if err != nil {
			return clients.Server{}, err
		}
		program, err := os.Executable()
		return clients.Server{Name: conn.name, Command: []string{program, "serve", "--stdio", "--config", file}}, failed(err)
	}
	return a.entry(cmd, c, conn)
}

func (a *app) sayImported(plan clients.Plan, r imported, w importWork) {
	if r.Diff != "" {
		fmt.Fprintf(a.Out, "%s\n", r.Diff)
	}
	for _, s := range r.Sources {
		fmt.Fprintf(a.Out, "  imported  %s  (%s)\n", s.Name, strings.Join(s.From, ", "))
	}
	for _, s := range r.Skipped {
		fmt.Fprintf(a.Out, "  skipped   %s  (%s): %s\n", s.Entry, s.Client, s.Reason)
	}
	for _, name := range r.Replaced {
		fmt.Fprintf(a.Out, "  replaced  %s\n", name)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Backups)) {
		fmt.Fprintf(a.Out, "  before    %s\n", r.Backups[name])
	}
	if len(plan.Sources) == 0 {
		fmt.Fprintf(a.Out, "There is nothing new for %s.\n", r.Config)
		return
	}
	if len(plan.Variables) > 0 {
		fmt.Fprintf(a.Out, "\nSet these variables where the gateway is started; no value was copied into %s:\n", r.Config)
		for _, v := range plan.Variables {
			from := v.File
			if backup := r.Backups[v.File]; backup != "" {
				from = backup
			}
			fmt.Fprintf(a.Out, "  %s  (for %s; see %s)\n", v.Name, v.Source, from)
		}
	}
	if w.keepSecrets {
		fmt.Fprintf(a.Out, "\n%s may hold secrets now: keep others from reading it, and don't commit it.\n", r.Config)
	}
	if !r.DryRun {
		fmt.Fprintf(a.Out, "\nNext: `bridge tools -c %s` lists what would be served, `bridge serve -c %[1]s` serves it.\n", r.Config)
	}
}
