package lenient_test

import (
	"fmt"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/nanp/lenient"
)

func ExampleParse() {
	const messy = "Call me at (501) 555-0123."
	_, err := nanp.Parse(messy)
	fmt.Println(err)
	n, err := lenient.Parse(messy)
	fmt.Println(n, err)
	_, err = lenient.Parse("5O1-555-0123")
	fmt.Println(err != nil)
	// Output:
	// nanp: "Call me at (501) 555-0123.": the letter 'C' is not a digit (rule letter at byte 0)
	// +15015550123 <nil>
	// true
}

func ExampleParseExt() {
	n, ext, err := lenient.ParseExt("office 501-555-0123,,12#")
	fmt.Println(n, ext, err)
	// Output: +15015550123 12 <nil>
}
