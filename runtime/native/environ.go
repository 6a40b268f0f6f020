package native

import (
	"maps"
	"os"
	"slices"
	"strings"
)

// inherited names the variables that a server's process takes over from the
// gateway: what programs and package runners (npx, uvx, docker) need to find
// themselves, their caches and the network. Everything else stays behind, as it
// may be a secret of the gateway or of another source.
var inherited = []string{
	"PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "TZ",
	"LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TMPDIR", "TMP", "TEMP",
	"XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR",
	"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY",
	"http_proxy", "https_proxy", "no_proxy", "all_proxy",
	"SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE",
	"NVM_DIR", "VOLTA_HOME", "DOCKER_HOST",
	// Windows
	"SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "APPDATA", "LOCALAPPDATA",
	"HOMEDRIVE", "HOMEPATH", "USERPROFILE", "USERNAME", "PROGRAMDATA", "PROGRAMFILES",
	"PROGRAMFILES(X86)", "PROCESSOR_ARCHITECTURE", "NUMBER_OF_PROCESSORS",
}

// npmPlain are the settings of npm that hold no secret; npm keeps tokens in
// variables of the same kind.
var npmPlain = []string{
	"npm_config_cache", "npm_config_prefix", "npm_config_registry",
	"npm_config_userconfig", "npm_config_globalconfig", "npm_config_offline", "npm_config_prefer_offline",
}

// environ returns the environment of a server's process, sorted.
func environ(extra map[string]string) []string {
	vars := map[string]string{}
	for _, name := range slices.Concat(inherited, npmPlain) {
		value, ok := os.LookupEnv(name)
		// A value that starts with "()" is a shell function: code, not data.
		if ok && !strings.HasPrefix(value, "()") {
			vars[name] = value
		}
	}
	maps.Copy(vars, extra)
	list := make([]string, 0, len(vars))
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		list = append(list, name+"="+vars[name])
	}
	return list
}
