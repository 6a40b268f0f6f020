package gateway

// Mode says which tools tools/list shows.
type Mode string

// The modes of a listing.
const (
	// ListAll shows every tool. It is the default.
	ListAll Mode = "all"
	// ListSearch shows the tools to find, describe and call the others by, and those
	// that are pinned.
	ListSearch Mode = "search"
	// ListAuto is ListAll where the definitions cost Threshold tokens or fewer, and
	// ListSearch where they cost more.
	ListAuto Mode = "auto"
)

// Listing says how tools/list shows the tools of an endpoint. Whatever it shows,
// all tools can be called by their names.
type Listing struct {
	Mode      Mode // "" is ListAll
	Threshold int  // of ListAuto, in tokens
	// Pinned are globs over the names at the endpoint: tools that are listed in any
	// mode.
	Pinned []string
	// Short has tools described in short unless the definition is asked for.
	Short bool
}
