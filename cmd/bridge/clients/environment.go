package clients

import (
	"os"
	"runtime"
	"strings"
)

// Environment is what places of files depend on. The zero value has no home.
type Environment struct {
	OS      string // as runtime.GOOS
	Home    string // the user's folder
	Project string // the folder that project scope means

	// Variable looks an environment variable up; nil knows none.
	Variable func(name string) string
}

// Host returns the environment of this process.
func Host() (Environment, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return Environment{}, err
	}
	project, err := os.Getwd()
	return Environment{OS: runtime.GOOS, Home: home, Project: project, Variable: os.Getenv}, err
}

func (e Environment) variable(name string) string {
	if e.Variable == nil {
		return ""
	}
	return e.Variable(name)
}

// join joins a path as the environment's system writes it, so that the places
// of all systems can be computed on each.
func (e Environment) join(parts ...string) string {
	separator := "/"
	if e.OS == "windows" {
		separator = `\`
	}
	path := strings.TrimRight(parts[0], `/`+separator)
	for _, p := range parts[1:] {
		path += separator + strings.ReplaceAll(p, "/", separator)
	}
	return path
}

// home returns a path below the user's folder.
func (e Environment) home(path string) string { return e.join(e.Home, path) }

// homeOr returns a path below the folder that a variable names, else below
// another of the user's.
func (e Environment) homeOr(variable, folder, path string) string {
	if dir := e.variable(variable); dir != "" {
		return e.join(dir, path)
	}
	return e.home(folder + "/" + path)
}

// xdg returns a path below the folder of the XDG base directory specification.
func (e Environment) xdg(path string) string { return e.homeOr("XDG_CONFIG_HOME", ".config", path) }

// appData returns a path below the folder that desktop programs keep their
// settings in.
func (e Environment) appData(path string) string {
	switch e.OS {
	case "windows":
		return e.homeOr("APPDATA", "AppData/Roaming", path)
	case "darwin":
		return e.home("Library/Application Support/" + path)
	default:
		return e.xdg(path)
	}
}
