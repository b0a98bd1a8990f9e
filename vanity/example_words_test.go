package vanity_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/vanity"
)

func ExampleWords_Spell() {
	words := vanity.BuiltinWords()
	for _, number := range []string{"800-356-9377", "800-352-9937", "212-555-0101"} {
		spelling, ok := words.Spell(nanp.MustParse(number))
		fmt.Println(number, ok, spelling.Text)
	}
	// Output:
	// 800-356-9377 true 1-800-FLOWERS
	// 800-352-9937 true 1-800-3-LAWYER
	// 212-555-0101 false
}

func ExampleWords_Spellings() {
	words, err := vanity.NewWords(strings.NewReader("home\ngood\nloans\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for s := range words.Spellings(nanp.MustParse("866-246-6304")) {
		fmt.Println(s.Text, s.Covered)
	}
	// Output:
	// 1-866-2-HOME-04 4
	// 1-866-2-GOOD-04 4
}

func ExampleWords_Best() {
	inventory := []nanp.Number{
		nanp.MustParse("212-298-8294"), nanp.MustParse("212-356-9377"), nanp.MustParse("212-298-1000"), nanp.MustParse("212-464-7336"),
	}
	for _, b := range vanity.BuiltinWords().Best(slices.Values(inventory), 2) {
		fmt.Println(b.Number, b.Spelling.Text)
	}
	// Output:
	// +12123569377 1-212-FLOWERS
	// +12124647336 1-212-GO-GREEN
}

func ExampleScore() {
	rating := vanity.Score(nanp.MustParse("800-356-9377"), vanity.BuiltinWords())
	fmt.Println(rating.Points, rating.Reasons)
	rating = vanity.Score(nanp.MustParse("212-777-7777"), nil)
	fmt.Println(rating.Points)
	for _, r := range rating.Reasons {
		fmt.Println(r.Points, r.Text)
	}
	// Output:
	// 100 [{100 spells FLOWERS}]
	// 160
	// 100 ends in 7777
	// 30 the last seven digits go on like that: 7777777
	// 30 the exchange is three of a kind: 777
}

func ExampleNewWords() {
	_, err := vanity.NewWords(strings.NewReader("# our trades\nroofing\ncafé\n"))
	fmt.Println(err)
	// Output:
	// vanity: word list, line 3: "caf\u00e9": the letter '\u00e9' is on no key; a word has 2 to 10 letters A to Z (rule letter at byte 3)
}
