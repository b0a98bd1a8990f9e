package vanity

import (
	"strconv"

	"github.com/numberdesk/numberdesk/nanp"
)

const MaxListBytes = maxListBytes

// AllRules names every rule that Score has for digits.
func AllRules() (all []string) {
	for i := 1; i < len(lineRules); i++ {
		all = append(all, "line "+lineRules[i].look)
	}
	for i := range numberRules {
		all = append(all, "number "+strconv.Itoa(i))
	}
	return all
}

// RulesOf names those that a number earns.
func RulesOf(n nanp.Number) (fit []string) {
	line := lineClasses()[n.Line()]
	if line != noLook {
		fit = append(fit, "line "+lineRules[line].look)
	}
	for i, rule := range numberRules {
		if rule.times(n, line) > 0 {
			fit = append(fit, "number "+strconv.Itoa(i))
		}
	}
	return fit
}
