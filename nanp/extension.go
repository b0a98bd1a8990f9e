package nanp

import "strings"

// maxExt is the most digits an extension may have.
const maxExt = 15

// labels introduce an extension; a longer one stands before those that it
// starts with.
var labels = [...]string{"extension", "extn", "ext", "x", "#", ";ext="}

// extension reads the extension of s that starts at rest. Without a label that
// introduces one it returns RuleCharacter, and RuleExtension when what follows
// the label is not an extension; at is the place to blame.
func extension(s string, rest int) (digits string, r Rule, at int) {
	tail := s[rest:]
	label := ""
	for _, l := range labels {
		if len(tail) >= len(l) && strings.EqualFold(tail[:len(l)], l) {
			label = l
			break
		}
	}
	if label == "" {
		return "", RuleCharacter, rest
	}
	start := rest + len(label)
	if label != ";ext=" {
		for start < len(s) && strings.IndexByte(" \t.:", s[start]) >= 0 {
			start++
		}
	}
	end := start
	for end < len(s) && isDigit(s[end]) {
		end++
	}
	switch after := skipSpace(s, end); {
	case end == start && start < len(s) && isLetter(s[start]):
		return "", RuleCharacter, rest // a word that starts like a label
	case end == start:
		return "", RuleExtension, start
	case end-start > maxExt:
		return "", RuleExtension, start + maxExt
	case after < len(s):
		return "", RuleExtension, after
	}
	return s[start:end], "", -1
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
