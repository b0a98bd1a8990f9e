package telnyx

import (
	"time"

	"github.com/numberdesk/numberdesk/provider"
)

// left counts the numbers of one request by what is left on them: the carrier keeps
// nothing under the key of a caller name, nor of what was taken away.
type left struct{ with, without, unclear int }

func (l *left) count(without, unclear bool) {
	switch {
	case unclear:
		l.unclear++
	case without:
		l.without++
	default:
		l.with++
	}
}

const notShown = "the carrier does not say of each number how it stands"

// set is whether something was set: one number that has it is enough to look at all.
func (l left) set() (v provider.Verdict, why string) {
	switch {
	case l.with > 0:
		return provider.Found, ""
	case l.unclear > 0:
		return provider.CannotTell, notShown
	}
	return provider.Absent, ""
}

// removed is whether something was taken away. In between, neither is proven: to look
// no further, or to take it away again, would each be wrong for some of the numbers.
func (l left) removed() (v provider.Verdict, why string) {
	switch {
	case l.unclear > 0:
		return provider.CannotTell, notShown
	case l.with == 0:
		return provider.Found, ""
	case l.without == 0:
		return provider.Absent, ""
	}
	return provider.CannotTell, "it is gone from some of the numbers, and still there on others"
}

// finding answers with v where it is found.
func finding[T any](v T, at time.Time, verdict func() (provider.Verdict, string)) provider.Finding[T] {
	f := provider.Finding[T]{AsOf: at}
	if f.Verdict, f.Why = verdict(); f.Verdict == provider.Found {
		f.Value = v
	}
	return f
}
