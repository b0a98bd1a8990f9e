package nanp_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/numberdesk/numberdesk/nanp"
)

func ExampleParse() {
	for _, typed := range []string{"(501) 555-0123", "1-501-555-0123", "tel:+1-501-555-0123", "555-0123"} {
		n, err := nanp.Parse(typed)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(n, n.Format())
	}
	// Output:
	// +15015550123 (501) 555-0123
	// +15015550123 (501) 555-0123
	// +15015550123 (501) 555-0123
	// nanp: "555-0123": seven digits lack the area code (rule length.seven)
}

func ExampleParseExt() {
	n, ext, err := nanp.ParseExt("212-736-5000 ext. 12")
	fmt.Println(n, ext, err)
	// Output: +12127365000 12 <nil>
}

func ExampleError() {
	_, err := nanp.Parse("212-7O6-5000")
	if errors.Is(err, nanp.RuleLetter) {
		fmt.Println("Did you type the letter O for a zero?")
	}
	var e *nanp.Error
	if errors.As(err, &e) {
		fmt.Println(string(e.Rule), e.At, e.Detail)
	}
	// Output:
	// Did you type the letter O for a zero?
	// letter 5 the letter 'O' is not a digit
}

func ExampleNumber_CheckDID() {
	for _, s := range []string{"501-234-5678", "888-234-5678", "416-234-5678", "900-234-5678", "273-234-5678", "212-555-1212"} {
		n := nanp.MustParse(s)
		if err := n.CheckDID(); err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(n, "could be a DID:", n.Category())
	}
	// Output:
	// +15012345678 could be a DID: geographic
	// +18882345678 could be a DID: toll-free
	// nanp: "+14162345678": area code 416 belongs to Canada, not to the United States (rule country at byte 2)
	// nanp: "+19002345678": area code 900 is premium rate (rule premium at byte 2)
	// nanp: "+12732345678": area code 273 is not in service before 2027-02-27 (rule pending at byte 2)
	// nanp: "+12125551212": 555-1212 is directory assistance (rule directory-assistance at byte 5)
}

func ExampleNumber_Info() {
	for _, s := range []string{"501-234-5678", "787-234-5678", "902-234-5678", "242-234-5678", "800-234-5678"} {
		info := nanp.MustParse(s).Info()
		fmt.Println(info.Category, info.Country, info.Regions, info.Territory)
	}
	// Output:
	// geographic US [AR] US
	// geographic US [PR] PR
	// geographic CA [NS PE] CA
	// geographic BS [] BS
	// toll-free  []
}

func ExampleNumber_Next() {
	n := nanp.MustParse("501-555-0198")
	for range 3 {
		fmt.Println(n.Format())
		n, _ = n.Next()
	}
	// Output:
	// (501) 555-0198
	// (501) 555-0199
	// (501) 555-0200
}

func ExampleNumber_MarshalText() {
	type contact struct {
		Phone nanp.Number `json:"phone"`
		Fax   nanp.Number `json:"fax"`
	}
	data, _ := json.Marshal(contact{Phone: nanp.MustParse("(501) 555-0123")})
	fmt.Println(string(data))
	var c contact
	err := json.Unmarshal([]byte(`{"phone": "911-555-0123"}`), &c)
	fmt.Println(err)
	// Output:
	// {"phone":"+15015550123","fax":""}
	// nanp: "911-555-0123": 911 is a service code, not an area code (rule npa.n11 at byte 0)
}

func ExampleTable() {
	t := nanp.Builtin()
	fmt.Println("as of", t.FileDate())
	fmt.Println("toll-free:", t.TollFree())
	fmt.Println("Arkansas:", t.NPAs("AR"))
	fmt.Println("with 917:", t.Overlays(917))
	// Output:
	// as of 2026-08-17
	// toll-free: [800 833 844 855 866 877 888]
	// Arkansas: [327 479 501 870]
	// with 917: [212 332 347 465 646 718 917 929]
}

func ExampleLoadReport() {
	f, err := os.Open("npa_report.csv")
	if err != nil {
		fmt.Println("download the report first; until then the built-in table serves")
		return
	}
	defer f.Close()
	t, err := nanp.LoadReport(f)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(t.CheckDID(nanp.MustParse("565-234-5678")))
	// Output: download the report first; until then the built-in table serves
}

func ExampleParseState() {
	for _, s := range []string{"AR", "arkansas", "Washington, D.C.", "Ontario"} {
		code, err := nanp.ParseState(s)
		fmt.Println(code, err)
	}
	// Output:
	// AR <nil>
	// AR <nil>
	// DC <nil>
	//  nanp: "Ontario": this is no state or territory of the United States (rule state)
}
