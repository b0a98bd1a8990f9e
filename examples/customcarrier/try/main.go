// Try runs the conformance kit over the adapter and prints what it says.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/numberdesk/numberdesk/provider/providertest"

	"example.com/acorn/acorntest"
)

func main() {
	report := providertest.Check(context.Background(), providertest.Harness{New: acorntest.Account})
	fmt.Println(report)
	if !report.OK() {
		os.Exit(1)
	}
}
