package gotype

// Finish finds the types that hold themselves, after all types were made: where
// a struct would hold itself by value, directly or through others, its field
// becomes a pointer.
func (b *Builder) Finish() {
	f := finder{index: make(map[*Decl]int, len(b.all)), low: make(map[*Decl]int, len(b.all)), on: map[*Decl]bool{}}
	for _, d := range b.all {
		if _, seen := f.index[d]; !seen {
			f.visit(d)
		}
	}
}

// finder is Tarjan's algorithm for strongly connected components.
type finder struct {
	index, low map[*Decl]int
	on         map[*Decl]bool
	stack      []*Decl
	groups     int
}

func (f *finder) visit(d *Decl) {
	f.index[d], f.low[d] = len(f.index), len(f.index)
	f.stack, f.on[d] = append(f.stack, d), true
	for _, fd := range d.fields {
		held := fd.typ.value()
		if held == nil || fd.optional() {
			continue
		}
		if _, seen := f.index[held]; !seen {
			f.visit(held)
			f.low[d] = min(f.low[d], f.low[held])
		} else if f.on[held] {
			f.low[d] = min(f.low[d], f.index[held])
		}
	}
	if f.low[d] != f.index[d] {
		return
	}
	f.groups++
	for {
		top := f.stack[len(f.stack)-1]
		f.stack = f.stack[:len(f.stack)-1]
		f.on[top], top.group = false, f.groups
		if top == d {
			return
		}
	}
}

// optional reports whether the field may be left out or null.
func (f field) optional() bool { return !f.required || f.typ.resolve().nullable }
