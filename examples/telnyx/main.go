// Telnyx searches numbers at Telnyx with an account of yours, and buys some only
// when it is told to.
//
//	TELNYX_API_KEY=... go run ./examples/telnyx -state AR -city "Little Rock"
//	TELNYX_API_KEY=... go run ./examples/telnyx -state AR -buy 1
package main

import (
	"github.com/numberdesk/numberdesk/examples/internal/shop"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/telnyx"
	"github.com/numberdesk/numberdesk/secret"
)

func main() {
	shop.Main(shop.Carrier{
		Name: "telnyx",
		Settings: []shop.Setting{
			{Name: "TELNYX_API_KEY", What: "an API key of version 2, from the portal's page of keys"},
			{Name: "TELNYX_CONNECTION_ID", What: "the connection that calls of new numbers go to", Optional: true},
		},
		Open: func(value func(string) string) (provider.Provider, error) {
			return telnyx.New(telnyx.Config{Key: secret.New(value("TELNYX_API_KEY")), Connection: value("TELNYX_CONNECTION_ID")})
		},
	})
}
