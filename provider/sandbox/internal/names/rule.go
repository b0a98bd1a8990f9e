package names

import "strings"

// Max is how many characters a name has at most.
const Max = 15

const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,&'-"

// Fault says in words what is wrong with a name: "" when nothing is. The words
// do not repeat it.
func Fault(name string, remove bool) string {
	switch {
	case remove && name != "":
		return "a removal has no name"
	case remove:
		return ""
	case name == "":
		return "the name is empty"
	case len([]rune(name)) > Max:
		return "the name is longer than 15 characters"
	case name[0] == ' ':
		return "the name starts with a space"
	case strings.Trim(name, allowed) != "":
		return "the name has a character that is none of A-Z a-z 0-9 space . , & ' -"
	}
	return ""
}

// Wordless reports whether a person who looks at the name turns it down: no
// letter in it says whose it is.
func Wordless(name string) bool { return !strings.ContainsAny(name, allowed[:52]) }
