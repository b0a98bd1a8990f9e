package registrar_test

import (
	"fmt"

	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider/sandbox/internal/registrar"
)

// What the registrar proposes is valid when it is given again.
func ExampleJudge() {
	v := registrar.Judge(postal.Civic{HouseNumber: "1600", Street: "Elm Street", City: "Dallas", State: "TX", PostalCode: "75201"})
	fmt.Println(v.Grade)
	for _, c := range v.Candidates {
		fmt.Println(c.Line(), registrar.Judge(c).Grade)
	}
	v = registrar.Judge(postal.Civic{HouseNumber: "12", Street: "Main St Apt 4", City: "Dallas", State: "TX", PostalCode: "75201"})
	fmt.Println(v.Grade, v.Master.Line())
	// Output:
	// several candidates
	// 1600 N ELM ST, DALLAS, TX 75201-4044 valid
	// 1600 S ELM ST, DALLAS, TX 75201-8815 valid
	// corrected 12 MAIN ST, APT 4, DALLAS, TX 75201-9074
}
