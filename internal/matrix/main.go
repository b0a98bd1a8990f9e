// Matrix writes what each carrier can do as a page, from the adapters themselves.
package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/bandwidth"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/provider/telnyx"
	"github.com/numberdesk/numberdesk/provider/twilio"
	"github.com/numberdesk/numberdesk/secret"
)

//go:generate go run . -o ../../docs/carriers.md

func main() {
	log.SetFlags(0)
	carriers, err := adapters()
	if err != nil {
		log.Fatal(err)
	}
	var b bytes.Buffer
	if err := write(&b, carriers...); err != nil {
		log.Fatal(err)
	}
	if len(os.Args) != 3 || os.Args[1] != "-o" {
		fmt.Print(b.String())
		return
	}
	if err := os.WriteFile(os.Args[2], b.Bytes(), 0o644); err != nil {
		log.Fatal(err)
	}
}

// adapters makes one of each, for an account that nobody has: nothing is asked of a
// carrier.
func adapters() ([]provider.Provider, error) {
	none := secret.New("none")
	s, err := sandbox.New(sandbox.Config{})
	if err != nil {
		return nil, err
	}
	t, err := telnyx.New(telnyx.Config{Key: none, WebhookKeys: []string{base64.StdEncoding.EncodeToString(make([]byte, 32))}})
	if err != nil {
		return nil, err
	}
	b, err := bandwidth.New(bandwidth.Config{Account: "1", Site: "1", ClientID: "none", ClientSecret: none})
	if err != nil {
		return nil, err
	}
	w, err := twilio.New(twilio.Config{Account: "AC" + strings.Repeat("0", 32), Token: none})
	if err != nil {
		return nil, err
	}
	return []provider.Provider{s, t, b, w}, nil
}
