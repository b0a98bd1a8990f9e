package telnyxtest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/provider/telnyx/telnyxtest"
)

// The fake speaks the carrier's language to whoever asks.
func Example() {
	now := func() time.Time { return time.Date(2026, 8, 3, 9, 0, 0, 0, time.UTC) }
	engine, err := sandbox.New(telnyxtest.Engine(sandbox.Config{Now: now}))
	if err != nil {
		panic(err)
	}
	defer engine.Close()
	fake := httptest.NewServer(telnyxtest.New(engine, telnyxtest.Config{Key: "KEY", Now: now}))
	defer fake.Close()

	for _, key := range []string{"wrong", "KEY"} {
		req, err := http.NewRequest("GET", fake.URL+"/number_orders?filter[customer_reference]=K1", nil)
		if err != nil {
			panic(err)
		}
		req.Header.Set("Authorization", "Bearer "+key)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			panic(err)
		}
		b, err := io.ReadAll(res.Body)
		if err != nil {
			panic(err)
		}
		res.Body.Close()
		fmt.Println(res.StatusCode, string(b))
	}
	// Output:
	// 401 {"errors":[{"code":"10009","detail":"Authentication failed","title":"Authentication failed"}]}
	// 200 {"data":[],"meta":{"page_number":1,"page_size":20,"total_pages":0,"total_results":0}}
}
