package clients

import (
	"net/url"
	"regexp"
	"strings"
)

// Words that names of secrets are made of, and how well-known tokens begin.
var (
	secretWord  = regexp.MustCompile(`(?i)(token|secret|passw|pwd|apikey|credential|cookie|authorization|bearer|private)|(^|[_.-])(key|keys|pat|auth|pass|jwt|dsn|sig|signature)([_.-]|$)|api[_-]?key|access[_-]?key`)
	secretValue = regexp.MustCompile(`(^|[^A-Za-z0-9])(sk-[A-Za-z0-9_-]{8,}|gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{16,}|glpat-[\w-]{12,}|xox[abeoprs]-[\w-]{8,}|xapp-[\w-]{8,}|AKIA[0-9A-Z]{12,}|AIza[\w-]{20,}|eyJ[\w-]{8,}\.[\w-]+\.[\w-]*|npm_\w{20,}|hf_\w{16,}|ntn_\w{16,}|secret_\w{16,}|lin_api_\w{8,}|Bearer\s+\S{8,}|Basic\s+\S{8,})`)
	secretFlag  = regexp.MustCompile(`(?i)^--?[a-z0-9-]*(token|secret|passw|pwd|api-?key|access-?key|credential|bearer|auth)[a-z0-9-]*$`)
	opaque      = regexp.MustCompile(`^[A-Za-z0-9+/_=-]{32,}$`)
	digits      = regexp.MustCompile(`[0-9]`)
	letters     = regexp.MustCompile(`[A-Za-z]`)
)

// secretLooking reports whether a value by its name, or by itself, may be
// secret. It errs on the side of yes: a reference costs little.
func secretLooking(name, value string) bool {
	if value == "" || value == "true" || value == "false" {
		return false
	}
	return secretWord.MatchString(name) || secretValue.MatchString(value) || hasPassword(value) ||
		opaque.MatchString(value) && digits.MatchString(value) && letters.MatchString(value) && !strings.Contains(value, "/")
}

// hasPassword reports whether a URL has a password or a secret parameter in it.
func hasPassword(value string) bool {
	if !strings.Contains(value, "://") {
		return false
	}
	u, err := url.Parse(value)
	if err != nil {
		return strings.Contains(value, "@")
	}
	if u.User != nil {
		if _, has := u.User.Password(); has {
			return true
		}
	}
	for name, values := range u.Query() {
		if secretWord.MatchString(name) && strings.Join(values, "") != "" {
			return true
		}
	}
	return false
}

// secretArgument reports whether an argument, after the one before it, may be
// secret.
func secretArgument(before, arg string) bool {
	if secretFlag.MatchString(before) && arg != "" && !strings.HasPrefix(arg, "-") {
		return true
	}
	if name, value, ok := strings.Cut(arg, "="); ok && value != "" && (secretFlag.MatchString(name) || !strings.HasPrefix(name, "-") && !strings.Contains(name, "/") && secretWord.MatchString(name)) {
		return true
	}
	if name, value, ok := strings.Cut(arg, ":"); ok && strings.TrimSpace(value) != "" && !strings.Contains(name, "/") && secretWord.MatchString(name) && !strings.HasPrefix(value, "//") {
		return true
	}
	return secretValue.MatchString(arg) || hasPassword(arg)
}

// assignment is a name and a value as the formats of files write them.
var assignment = regexp.MustCompile(`([A-Za-z_][\w.-]*)("?\s*[:=]\s*"?)([^\s"',{}\[\]][^"',{}\[\]\n]*)`)

// Mask returns a text of a configuration file as it may be shown: values that
// look secret are left out, references stay.
func Mask(text string) string {
	text = assignment.ReplaceAllStringFunc(text, func(found string) string {
		m := assignment.FindStringSubmatch(found)
		if strings.ContainsAny(m[3], "$") || !secretLooking(m[1], m[3]) || !strings.Contains(m[2], `"`) && !strings.Contains(m[2], ": ") && !strings.Contains(m[2], "=") {
			return found
		}
		return m[1] + m[2] + "[redacted]"
	})
	return secretValue.ReplaceAllStringFunc(text, func(found string) string {
		if strings.Contains(found, "$") {
			return found
		}
		return secretValue.ReplaceAllString(found, "$1[redacted]")
	})
}

// SecretHeaders reports whether a header of a server holds what looks like a
// secret, and not a reference to one.
func SecretHeaders(s Server) bool {
	for name, value := range s.Headers {
		if variable, _ := soleVariable(value); variable == "" && secretLooking(name, value) {
			return true
		}
	}
	return false
}
