package money_test

import (
	"encoding/json"
	"fmt"

	"github.com/numberdesk/numberdesk/money"
)

func ExampleParseUSD() {
	for _, s := range []string{"1", "$0.0085", "-2.5", "0.0000001", "1e3"} {
		u, err := money.ParseUSD(s)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(u)
	}
	// Output:
	// $1.00
	// $0.0085
	// -$2.50
	// money: "0.0000001": more than six decimals
	// money: "1e3": not an amount of dollars
}

func ExamplePrice_Or() {
	fromCarrier := money.Price{Monthly: money.Known(0)} // it said: free of charge
	rateCard := money.Price{Setup: money.Known(money.Dollar), Monthly: money.Known(money.Dollar)}
	fmt.Println(fromCarrier.Or(rateCard))
	// Output: setup $1.00, monthly $0.00, minute in unknown, minute out unknown
}

func ExampleSum() {
	total, err := money.Sum(money.Known(money.Dollar), money.Known(50*money.Cent), money.Rate{})
	fmt.Println(total, err)
	// Output: $1.50 and 1 unknown <nil>
}

func ExampleRate() {
	data, _ := json.Marshal(map[string]money.Rate{"free": money.Known(0), "secretive": {}})
	fmt.Println(string(data))
	// Output: {"free":"0.00","secretive":null}
}
