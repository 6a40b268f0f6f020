package call

// Members of a result's "_meta" by which a source tells the gateway how the list
// in it goes on, where the tool's shaping has it follow pages. They never reach a
// caller.
const (
	MetaLink = "bridge/link" // the answer's Link header (RFC 8288)
	MetaURL  = "bridge/url"  // what was asked, without query: URLs in the answer are relative to it
)
