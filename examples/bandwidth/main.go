// Bandwidth searches numbers at Bandwidth with an account of yours, and buys some
// only when it is told to.
//
//	go run ./examples/bandwidth              says which variables it needs
//	go run ./examples/bandwidth -state AR    searches
//	go run ./examples/bandwidth -state AR -buy 1
package main

import (
	"github.com/numberdesk/numberdesk/examples/internal/shop"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/bandwidth"
	"github.com/numberdesk/numberdesk/secret"
)

func main() {
	shop.Main(shop.Carrier{
		Name: "bandwidth",
		Settings: []shop.Setting{
			{Name: "BANDWIDTH_ACCOUNT_ID", What: "the number of your account"},
			{Name: "BANDWIDTH_CLIENT_ID", What: "of an API credential (OAuth 2.0)"},
			{Name: "BANDWIDTH_CLIENT_SECRET", What: "its secret"},
			{Name: "BANDWIDTH_SITE_ID", What: "the sub-account that new numbers go to"},
			{Name: "BANDWIDTH_PEER_ID", What: "the location there", Optional: true},
		},
		Open: func(value func(string) string) (provider.Provider, error) {
			return bandwidth.New(bandwidth.Config{
				Account:  value("BANDWIDTH_ACCOUNT_ID"),
				ClientID: value("BANDWIDTH_CLIENT_ID"), ClientSecret: secret.New(value("BANDWIDTH_CLIENT_SECRET")),
				Site: value("BANDWIDTH_SITE_ID"), Peer: value("BANDWIDTH_PEER_ID"),
			})
		},
	})
}
