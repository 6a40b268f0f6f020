// Package observe makes visible what the gateway does. For now it writes one
// log record for each call: which tool, for whom, how long it took, what it
// cost in tokens before and after shaping, and how it ended. Arguments and
// results are never logged.
package observe
