package protocol

import "encoding/json"

// Meta is the "_meta" of a request's params. Its parts alias the params.
type Meta struct {
	ProgressToken json.RawMessage // a string or a number; nil if the client wants no progress
	// Until 2025-11-25 the next four are empty.
	Revision     string
	ClientInfo   json.RawMessage
	Capabilities json.RawMessage // of the client; nil if it did not say
	LogLevel     string          // "" if the client wants no log messages
	// Own is what is left without the protocol's own keys; nil for nothing.
	Own json.RawMessage
}

// SplitMeta reads the "_meta" of params, which may be nil.
func SplitMeta(params []byte) Meta {
	meta, _ := Member(params, "_meta")
	return splitMeta(meta)
}

func splitMeta(meta []byte) Meta {
	var m Meta
	protocol, others := 0, 0
	for key, value := range Members(meta) {
		if m.take(key, value) {
			protocol++
		} else {
			others++
		}
	}
	switch {
	case others == 0:
	case protocol == 0:
		m.Own = meta
	default:
		m.Own = Without(make([]byte, 0, len(meta)), meta, MetaProgressToken, MetaProtocolVersion,
			MetaClientInfo, MetaClientCapabilities, MetaLogLevel, MetaSubscription)
	}
	return m
}

// take notes a member, and reports whether it is the protocol's own.
func (m *Meta) take(key []byte, value json.RawMessage) bool {
	switch string(key) {
	case MetaProgressToken:
		if isID(value) {
			m.ProgressToken = value
		}
	case MetaProtocolVersion:
		m.Revision = revisionName(value)
	case MetaClientInfo:
		m.ClientInfo = value
	case MetaClientCapabilities:
		if IsObject(value) {
			m.Capabilities = value
		}
	case MetaLogLevel:
		m.LogLevel, _ = String(value)
	case MetaSubscription:
	default:
		return false
	}
	return true
}

// revisionName reads a revision; the newest costs nothing.
func revisionName(value []byte) string {
	if string(value) == `"`+R20260728+`"` {
		return R20260728
	}
	name, _ := String(value)
	return name
}
