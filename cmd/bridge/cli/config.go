package cli

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/bridge-gateway/bridge/runtime/config"
	"github.com/bridge-gateway/bridge/runtime/fault"
)

// defaultConfig is read if it is there and no other file is named.
const defaultConfig = "bridge.yaml"

// flagKeys are the flags that set a key of the configuration, where a command
// has them.
var flagKeys = map[string]string{
	"listen": "listen", "budget": "budget", "encoding": "encoding", "profile": "profile",
	"log.level": "log-level", "log.format": "log-format", "timeout": "timeout",
}

// variables makes the name of an environment variable of a key:
// "endpoints./mcp/gemini.profile" is ENDPOINTS_MCP_GEMINI_PROFILE.
var variables = strings.NewReplacer("./", "_", ".", "_", "-", "_", "/", "_")

// loadConfig reads the configuration: flags go before environment variables,
// these before the file, and it before the defaults. file is "" if none is
// there.
func (a *app) loadConfig(cmd *cobra.Command) (cfg config.Config, file string, err error) {
	a.viper.SetEnvPrefix("BRIDGE")
	a.viper.AllowEmptyEnv(true) // an empty prefix unmounts one
	a.viper.SetEnvKeyReplacer(variables)
	file, data, err := a.readConfig(cmd)
	if err != nil {
		return cfg, file, err
	}
	name := file
	if name == "" {
		name = defaultConfig
	}
	cfg, err = config.ParseWith(data, name, a.lookup(cmd.Flags()))
	return cfg, file, err
}

// configFile returns the configuration's name, and whether it was given.
func (a *app) configFile(cmd *cobra.Command) (file string, named bool, err error) {
	file, _ = cmd.Flags().GetString("config")
	if file == "" {
		if err := a.viper.BindEnv("config"); err != nil {
			return "", false, err
		}
		file = a.viper.GetString("config")
	}
	if file == "" {
		return defaultConfig, false, nil
	}
	return file, true, nil
}

func (a *app) readConfig(cmd *cobra.Command) (file string, data []byte, err error) {
	file, named, err := a.configFile(cmd)
	if err != nil {
		return "", nil, err
	}
	data, err = os.ReadFile(file)
	switch {
	case err == nil:
		return file, data, nil
	case errors.Is(err, fs.ErrNotExist) && !named:
		return "", nil, nil
	default:
		return "", nil, fault.Wrap("config.read", fault.Invalid,
			"the configuration "+file+" can't be read; name another with --config, or write one with `bridge init`", err)
	}
}

// takeModuleConfig names the configuration of the Go module around the working
// folder, if there is none in that folder and no other is named: go generate runs
// in the folder of the file that asks for it.
func takeModuleConfig(flags *pflag.FlagSet) error {
	if flags.Changed("config") || os.Getenv("BRIDGE_CONFIG") != "" || isFile(defaultConfig) {
		return nil
	}
	module, err := findModule(".")
	if err != nil {
		return nil // who needs a module says so
	}
	file := filepath.Join(module.root, defaultConfig)
	if !isFile(file) {
		return nil
	}
	if here, err := os.Getwd(); err == nil {
		if near, err := filepath.Rel(here, file); err == nil {
			file = near
		}
	}
	return flags.Set("config", file)
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// lookup returns the values given by flags and environment variables.
func (a *app) lookup(flags *pflag.FlagSet) config.Lookup {
	return func(key string) (value, origin string, ok bool) {
		if name, known := flagKeys[key]; known {
			if f := flags.Lookup(name); f != nil && f.Changed {
				return f.Value.String(), "flag --" + name, true
			}
		}
		if a.viper.BindEnv(key) != nil || !a.viper.IsSet(key) {
			return "", "", false
		}
		variable := "BRIDGE_" + strings.ToUpper(variables.Replace(key))
		return a.viper.GetString(key), "environment variable " + variable, true
	}
}

// logger returns the logger that the configuration asks for. It writes to
// standard error.
func (a *app) logger(l config.Log) *slog.Logger {
	logger, _ := a.leveled(l)
	return logger
}

// leveled is [app.logger] with what sets its level later.
func (a *app) leveled(l config.Log) (*slog.Logger, *slog.LevelVar) {
	level := &slog.LevelVar{}
	setLevel(level, l)
	opts := &slog.HandlerOptions{Level: level}
	if l.Format == "json" {
		return slog.New(slog.NewJSONHandler(a.Err, opts)), level
	}
	return slog.New(slog.NewTextHandler(a.Err, opts)), level
}

func setLevel(level *slog.LevelVar, l config.Log) {
	var to slog.Level
	if err := to.UnmarshalText([]byte(l.Level)); err != nil {
		to = slog.LevelInfo
	}
	level.Set(to)
}
