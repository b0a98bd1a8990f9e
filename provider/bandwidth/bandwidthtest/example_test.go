package bandwidthtest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/numberdesk/numberdesk/provider/bandwidth/bandwidthtest"
	"github.com/numberdesk/numberdesk/provider/sandbox"
)

// An order names an element that the carrier does not know.
func Example() {
	engine, err := sandbox.New(bandwidthtest.Engine(sandbox.Config{Instant: true}))
	if err != nil {
		panic(err)
	}
	defer engine.Close()
	fake := bandwidthtest.New(engine, bandwidthtest.Config{User: "user", Password: "password"})

	r := httptest.NewRequest("POST", bandwidthtest.Path+"/accounts/"+bandwidthtest.Account+"/orders", strings.NewReader("<Order><Quantitty>1</Quantitty></Order>"))
	r.SetBasicAuth("user", "password")
	r.Header.Set("Content-Type", "application/xml")
	w := httptest.NewRecorder()
	fake.ServeHTTP(w, r)
	fmt.Println(w.Code, http.StatusText(w.Code), fake.Requests())
	// Output: 400 Bad Request [POST /api/v2/accounts/9900012/orders]
}
