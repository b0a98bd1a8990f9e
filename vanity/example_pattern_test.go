package vanity_test

import (
	"fmt"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/vanity"
)

func ExampleCompile() {
	for _, wish := range []string{"877-555-XXXX", "8XX-OUR-FOOD", "888-XXX-1000", "1-800-MATTRESS", "877-&&&-TREE"} {
		p, _, err := vanity.Compile(wish)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Printf("%-14s is %s: %d numbers\n", wish, p, p.Count())
	}
	// Output:
	// 877-555-XXXX   is 877-555-****: 10000 numbers
	// 8XX-OUR-FOOD   is 8XX-687-3663: 7 numbers
	// 888-XXX-1000   is 888-***-1000: 791 numbers
	// 1-800-MATTRESS is 800-628-8737: 1 numbers
	// 877-&&&-TREE   is 877-&&&-8733: 8 numbers
}

// A letter X and a wildcard X look the same. What was read is shown, with the
// other reading where there is one.
func ExampleCompile_notes() {
	p, notes, err := vanity.Compile("800-EXX-ONMO")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p, p.Count())
	for _, n := range notes {
		alt, _, err := vanity.Compile(n.Alt)
		fmt.Println("or:", n.Alt, alt, err)
	}
	// Output:
	// 800-3**-6666 99
	// or: 800-"EXX-ONMO" 800-399-6666 <nil>
}

func ExampleCompile_error() {
	_, _, err := vanity.Compile("800-911-XXXX")
	fmt.Println(err)
	// Output:
	// vanity: "800-911-XXXX": 911 is a service code, not an exchange; an exchange starts with 2 to 9, does not end in 11 and is not 950 (rule nxx at byte 4)
}

func ExamplePattern_All() {
	p := vanity.MustCompile("8XX-OUR-FOOD")
	for n := range p.All() {
		fmt.Println(n, p.Spell(n))
	}
	// Output:
	// +18006873663 800-OUR-FOOD
	// +18336873663 833-OUR-FOOD
	// +18446873663 844-OUR-FOOD
	// +18556873663 855-OUR-FOOD
	// +18666873663 866-OUR-FOOD
	// +18776873663 877-OUR-FOOD
	// +18886873663 888-OUR-FOOD
}

func ExamplePattern_Match() {
	p := vanity.MustCompile("888-XXX-1000")
	for _, s := range []string{"888-234-1000", "888-234-1001"} {
		fmt.Println(s, p.Match(nanp.MustParse(s)))
	}
	// Output:
	// 888-234-1000 true
	// 888-234-1001 false
}

func ExampleDigits() {
	digits, err := vanity.Digits("Got-Junk")
	fmt.Println(digits, err, vanity.Letters('7'))
	// Output: 4685865 <nil> PQRS
}

// One pattern, three carriers: what each can be asked, and what is filtered from
// its answers.
func ExampleSplit() {
	p := vanity.MustCompile("888-XXX-1000")
	for _, d := range []vanity.Dialect{
		{NPA: true, Prefix: true, Suffix: true, Contains: true},
		{NPA: true},
		{Mask: true},
	} {
		plan := vanity.Split(&p, d)
		for i, q := range plan.Queries {
			fmt.Printf("NPA %q suffix %q mask %q: %d at most, exact: %t\n", q.NPA, q.Suffix, q.Mask, plan.Most[i], plan.Exact)
		}
	}
	// Output:
	// NPA "888" suffix "1000" mask "": 791 at most, exact: true
	// NPA "888" suffix "" mask "": 7910000 at most, exact: false
	// NPA "" suffix "" mask "888***1000": 791 at most, exact: true
}
