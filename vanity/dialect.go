package vanity

// Dialect is what a carrier can be asked about digits. The zero value
// understands nothing: everything is then filtered from its answers.
type Dialect struct {
	NPA, NXX                 bool // by area code; by central office code
	Prefix, Suffix, Contains bool
	MinFixed                 int // digits that a prefix, suffix or contains needs at least
}

// Ask returns the part of q that the dialect can express. exact is false when
// something was left out: then the answers have to be filtered with q.Match.
func (d Dialect) Ask(q Query) (asked Query, exact bool) {
	if d.NPA {
		asked.NPA = q.NPA
	}
	if d.NXX && d.NPA {
		asked.NXX = q.NXX
	}
	keep := func(can bool, digits string) string {
		if can && len(digits) >= d.MinFixed {
			return digits
		}
		return ""
	}
	asked.Prefix = keep(d.Prefix, q.Prefix)
	asked.Suffix = keep(d.Suffix, q.Suffix)
	asked.Contains = keep(d.Contains, q.Contains)
	return asked, asked == q
}
