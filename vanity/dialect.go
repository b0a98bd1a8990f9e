package vanity

// Dialect is what a carrier can be asked about digits. The zero value
// understands nothing: everything is then filtered from its answers.
//
// Each carrier's search is one value. Numbers that it can be asked for as digits at
// the front, the end or anywhere, each of two or more and only one of them, are
// Dialect{NPA: true, Prefix: true, Suffix: true, Contains: true, MinFixed: 2,
// OneFixed: true}.
type Dialect struct {
	NPA, NXX                 bool // by area code; by central office code
	Prefix, Suffix, Contains bool
	Tail                     bool // digits anywhere in the last seven
	Mask                     bool // a digit or any at each of the ten places
	MinFixed                 int  // digits that a prefix, suffix, contains or tail needs at least
	MaxFixed                 int  // and can have at most; 0: as many as there are
	OneFixed                 bool // one question has at most one of prefix, suffix, contains, tail and mask
	Alone                    bool // and none of them together with an NPA
	NeedNPA                  bool // every question needs an NPA
}

// Ask returns the part of q that the dialect can express. exact is false when
// something was left out: then the answers have to be filtered with q.Match. Of
// conditions that the dialect cannot combine the one with more digits stays. A
// question that lacks an NPA which the dialect needs is not made one: see [Split].
func (d Dialect) Ask(q Query) (asked Query, exact bool) {
	if d.NPA {
		asked.NPA = q.NPA
	}
	if d.NXX && d.NPA {
		asked.NXX = q.NXX
	}
	if d.Prefix {
		asked.Prefix = d.long(q.Prefix[:d.cut(q.Prefix)])
	}
	if d.Suffix {
		asked.Suffix = d.long(q.Suffix[len(q.Suffix)-d.cut(q.Suffix):])
	}
	if d.Contains {
		asked.Contains = d.long(q.Contains[:d.cut(q.Contains)])
	}
	if d.Tail {
		asked.Tail = d.long(q.Tail[:d.cut(q.Tail)])
	} else if d.Contains && asked.Contains == "" {
		asked.Contains = d.long(q.Tail[:d.cut(q.Tail)]) // wider: it may stand further in front
	}
	if d.Mask {
		asked.Mask = q.Mask
	}
	if d.OneFixed {
		asked.keepLongest()
	}
	if d.Alone && asked.NPA != 0 && asked.fixed() > 0 {
		if codes := asked.codes(); asked.fixed() > codes.digits() && !d.NeedNPA {
			asked.NPA, asked.NXX = 0, 0
		} else {
			asked = codes
		}
	}
	return asked, asked == q
}

func (d Dialect) cut(digits string) int {
	if d.MaxFixed > 0 {
		return min(len(digits), d.MaxFixed)
	}
	return len(digits)
}

func (d Dialect) long(digits string) string {
	if len(digits) < d.MinFixed {
		return ""
	}
	return digits
}

// conditions returns those about digits in the order in which they are preferred.
func (q *Query) conditions() [5]*string {
	return [...]*string{&q.Mask, &q.Prefix, &q.Suffix, &q.Tail, &q.Contains}
}

// fixedDigits counts the digits of a condition.
func fixedDigits(condition string) (n int) {
	for i := range len(condition) {
		if condition[i] != '*' {
			n++
		}
	}
	return n
}

func (q *Query) keepLongest() {
	best := new(string)
	for _, c := range q.conditions() {
		if fixedDigits(*c) > fixedDigits(*best) {
			*best, best = "", c
		} else {
			*c = ""
		}
	}
}

// fixed counts the digits of the conditions that are not codes.
func (q Query) fixed() (n int) {
	for _, c := range q.conditions() {
		n += fixedDigits(*c)
	}
	return n
}

// codes returns the part of the query that is codes.
func (q Query) codes() Query { return Query{NPA: q.NPA, NXX: q.NXX} }

// digits counts the digits of the codes.
func (q Query) digits() int { return len(q.NPA.String()) + len(q.NXX.String()) }
