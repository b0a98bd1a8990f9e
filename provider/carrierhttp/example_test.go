package carrierhttp_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
	"github.com/numberdesk/numberdesk/secret"
)

// An order, and what becomes of it at a carrier that refuses it, and at one that
// fails: the first may be sent again, the second has to be looked for.
func Example() {
	status := http.StatusUnprocessableEntity
	acme := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Request-Id", "req-7")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(`{"code":"10015","detail":"+15015550101 belongs to Jane Doe"}`))
	}))
	defer acme.Close()

	client, err := carrierhttp.New(carrierhttp.Config{
		ID:        "acme",
		Base:      acme.URL + "/v1",
		Auth:      carrierhttp.Bearer(secret.New("key")),
		Rates:     map[provider.Class]provider.Limit{provider.ClassCreate: {PerSecond: 50, Burst: 5}},
		RequestID: []string{"X-Request-Id"},
		Classify: func(r carrierhttp.Response, e *provider.Error) {
			var body struct{ Code string }
			_ = json.Unmarshal(r.Body, &body)
			e.Code = body.Code
			if r.Status == http.StatusUnprocessableEntity && body.Code == "10015" {
				e.Kind, e.Text = provider.NumberTaken, "the number is not for sale any more"
			}
		},
	})
	if err != nil {
		panic(err)
	}
	defer func() { _ = client.Close() }()

	number := nanp.MustParse("+15015550101")
	place := func() error {
		res, err := client.Do(context.Background(), carrierhttp.Call{
			Op:     provider.OpPlace,
			Path:   carrierhttp.Path("orders"),
			Body:   carrierhttp.JSON(map[string]string{"number": number.String()}),
			Number: number,
		})
		if err != nil {
			return err
		}
		var order struct{ ID provider.Ref }
		return res.Decode(&order)
	}

	err = place()
	fmt.Println(err)
	fmt.Println(errors.Is(err, provider.NumberTaken))
	status = http.StatusInternalServerError
	fmt.Println(place())
	// Output:
	// acme place order number taken (not applied): (501) 555-0101: the number is not for sale any more [10015] (request req-7)
	// true
	// acme place order unavailable (outcome unknown): (501) 555-0101: the carrier answered with status 500 [10015] (request req-7)
}

func ExamplePath() {
	fmt.Println(carrierhttp.Path("orders", "a/b?c", "+15015550101"))
	// Output: /orders/a%2Fb%3Fc/+15015550101
}
