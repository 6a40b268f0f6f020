package lock

// Level says what a change means to callers.
type Level string

// The levels of a change, the gravest first.
const (
	// Breaking means that a call that worked, or a reader of a result, may fail.
	Breaking Level = "breaking"
	// Warning means that callers should look: nothing that was promised is gone,
	// and yet they may be surprised.
	Warning Level = "warning"
	// Compatible means that whatever worked goes on to work.
	Compatible Level = "compatible"
	// Text means that only words changed, which models read.
	Text Level = "text"
)

// Kind names what changed, for machines.
type Kind string

// The kinds of change.
const (
	ToolRemoved      Kind = "tool-removed"
	ToolRenamed      Kind = "tool-renamed"
	ToolAdded        Kind = "tool-added"
	OperationChanged Kind = "operation-changed"
	HintFlipped      Kind = "hint-flipped"
	PropertyRemoved  Kind = "property-removed"
	PropertyAdded    Kind = "property-added"
	RequiredAdded    Kind = "required-added"
	RequiredDropped  Kind = "required-dropped"
	TypeChanged      Kind = "type-changed"
	EnumChanged      Kind = "enum-changed"
	BoundChanged     Kind = "bound-changed"
	FormatChanged    Kind = "format-changed"
	DefaultChanged   Kind = "default-changed"
	VariantRemoved   Kind = "variant-removed"
	VariantAdded     Kind = "variant-added"
	OpennessChanged  Kind = "openness-changed"
	ConditionChanged Kind = "condition-changed"
	OutputAdded      Kind = "output-added"
	OutputRemoved    Kind = "output-removed"
	BudgetChanged    Kind = "budget-changed"
	ShapingChanged   Kind = "shaping-changed"
	Deprecated       Kind = "deprecated"
	TextChanged      Kind = "text-changed"
)

// Change is one difference between two locks.
type Change struct {
	Level Level `json:"level"`
	Kind  Kind  `json:"kind"`
	// Tools are those that the change shows in, by their names in the new lock, or in
	// the old one if they are gone. A change in a shared definition has several.
	Tools []string `json:"tools"`
	// Where is the place in the schemas: "input.filter.status", or in a shared
	// definition "output Contact.email"; "" for the tool itself.
	Where string `json:"where,omitempty"`
	// Message says what changed and, unless it is plain, why that matters.
	Message string `json:"message"`
}

// Cost is what a tool's definition costs before and after, in tokens; 0 where
// there is no such tool.
type Cost struct {
	Tool string `json:"tool,omitempty"`
	Old  int    `json:"old"`
	New  int    `json:"new"`
}

// Diff is what changed from one lock to another.
type Diff struct {
	// Changes are sorted by level, and in each by the tools' order.
	Changes []Change `json:"changes"`
	// Tokens are the sums; Costs are the tools whose cost changed, the most grown
	// first. Both are left empty where the locks were counted by different encodings.
	Tokens Cost   `json:"tokens"`
	Costs  []Cost `json:"costs"`
}

// Count returns the number of changes of a level.
func (d *Diff) Count(level Level) int {
	n := 0
	for _, c := range d.Changes {
		if c.Level == level {
			n++
		}
	}
	return n
}
