package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bridge-gateway/bridge/generator"
	"github.com/bridge-gateway/bridge/runtime/config"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/profile"
)

// genJob is one adapter to be generated.
type genJob struct {
	document  string // seen from the working folder
	name, out string // "" for what the document's name gives
	overlays  []string
	profile   profile.Profile // that its definitions are counted for
	limit     definitionLimit
	listed    bool // under gen: in the configuration
}

// packageName is the name of the job's adapter.
func (j genJob) packageName() (string, error) {
	name := j.name
	if name == "" {
		name = sourceName(j.document)
	}
	return generator.PackageName(name)
}

// genJobs returns what is to be generated: the documents of the command line, or
// else those of the configuration. What the configuration says of a document
// holds for the command line as well, where no flag says otherwise.
func (a *app) genJobs(cmd *cobra.Command, args []string, o genOptions) ([]genJob, error) {
	cfg, file, err := a.loadConfig(cmd)
	if err != nil {
		return nil, err
	}
	if cmd.Flags().Changed("profile") {
		for i := range cfg.Gen {
			cfg.Gen[i].Profile = cfg.Profile
		}
	}
	p, err := profile.Named(cfg.Profile)
	if err != nil {
		return nil, err
	}
	listed, err := listedJobs(cfg.Gen, filepath.Dir(file), p)
	if err != nil {
		return nil, err
	}
	jobs := listed
	if len(args) > 0 {
		jobs = nil
		for _, arg := range args {
			documents, err := expand(arg)
			if err != nil {
				return nil, err
			}
			for _, document := range documents {
				jobs = append(jobs, jobOf(document, listed, p))
			}
		}
	}
	if len(jobs) == 0 {
		return nil, errNothingToGenerate
	}
	if o.name == "" && o.out == "" && len(o.overlays) == 0 {
		return jobs, nil
	}
	if len(jobs) > 1 {
		return nil, fmt.Errorf("--name, --out and --overlay are for one document, not %d; list documents with their settings under gen: in bridge.yaml", len(jobs))
	}
	job := &jobs[0]
	if o.name != "" && o.name != job.name {
		job.out = "" // the folder is that of the adapter with the listed name
	}
	job.name, job.out, job.listed = cmp.Or(o.name, job.name), cmp.Or(o.out, job.out), false
	if len(o.overlays) > 0 {
		job.overlays = o.overlays
	}
	return jobs, nil
}

// listedJobs are those of the configuration, whose paths are relative to base. p
// is the profile of those that name none. A document that is listed by itself
// goes before a pattern that it fits.
func listedJobs(list []config.Gen, base string, p profile.Profile) ([]genJob, error) {
	byItself := map[string]bool{}
	for _, g := range list {
		byItself[from(base, g.Document)] = true
	}
	var jobs []genJob
	for _, g := range list {
		pattern := from(base, g.Document)
		documents, err := expand(pattern)
		if err != nil {
			return nil, err
		}
		if len(documents) > 1 && (g.Name != "" || g.Out != "") {
			return nil, fault.New("gen.jobs", fault.Invalid, fmt.Sprintf("%s: %s is %d documents, and name and out are for one", g.At, g.Document, len(documents)))
		}
		for _, document := range documents {
			if document != pattern && byItself[document] {
				continue
			}
			job, err := listedJob(g, base, document, p)
			if err != nil {
				return nil, err
			}
			jobs = append(jobs, job)
		}
	}
	return jobs, nil
}

func listedJob(g config.Gen, base, document string, p profile.Profile) (job genJob, err error) {
	job = genJob{document: document, name: g.Name, out: from(base, g.Out), profile: p, listed: true,
		limit: definitionLimit{catalog: g.MaxTokens, tool: g.MaxToolTokens}}
	for _, overlay := range g.Overlays {
		job.overlays = append(job.overlays, from(base, overlay))
	}
	if g.Profile != "" {
		job.profile, err = profile.Named(g.Profile)
	}
	return job, err
}

// from returns a path of a configuration in base, seen from the working folder.
func from(base, path string) string {
	if path == "" || openapi.IsURL(path) || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(base, path)
}

// jobOf returns the job of a document as it is listed, or a plain one.
func jobOf(document string, listed []genJob, p profile.Profile) genJob {
	i := slices.IndexFunc(listed, func(j genJob) bool { return filepath.Clean(j.document) == filepath.Clean(document) })
	if i < 0 {
		return genJob{document: document, profile: p}
	}
	job := listed[i]
	job.document, job.listed = document, false
	return job
}

// expand returns the documents that a pattern stands for, as shells do it; what
// is no pattern stands for itself.
func expand(pattern string) ([]string, error) {
	if openapi.IsURL(pattern) || !strings.ContainsAny(pattern, "*?[") {
		return []string{pattern}, nil
	}
	if _, err := os.Stat(pattern); !errors.Is(err, fs.ErrNotExist) {
		return []string{pattern}, nil
	}
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) == 0 {
		return nil, fault.Wrap("gen.expand", fault.Invalid, "no file fits the pattern "+pattern, err)
	}
	return found, nil
}
