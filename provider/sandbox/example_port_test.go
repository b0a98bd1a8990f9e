package sandbox_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/secret"
)

// Port a number in. The first request has the wrong account number: the losing
// carrier rejects it, it is put right, and in the end the number is ours.
func Example_port() {
	now := time.Date(2026, 8, 3, 9, 0, 0, 0, time.UTC)
	carrier, err := sandbox.New(sandbox.Config{Now: func() time.Time { return now }})
	if err != nil {
		panic(err)
	}
	defer carrier.Close()
	caps := carrier.Capabilities()
	ctx := context.Background()
	must := func(err error) {
		if err != nil {
			panic(err)
		}
	}

	n := nanp.MustParse("+15012170002")
	checks, err := caps.PortCheck.CheckPort(ctx, []nanp.Number{n})
	must(err)
	fmt.Println(checks[0].Portable, checks[0].Losing)

	letter := []byte("%PDF-1.7 ...")
	doc, err := caps.PortDocs.UploadDocument(ctx, "letter", provider.Document{
		Kind: "loa", MediaType: "application/pdf", Size: int64(len(letter)), SHA256: sha256.Sum256(letter),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(letter)), nil },
	})
	must(err)
	r := provider.PortRequest{
		Key: "port", Lines: []provider.PortLine{{Number: n}}, Account: secret.New("12345"), Authorized: secret.New("Erika Beispiel"),
		Service:   postal.Civic{HouseNumber: "500", Street: "MARKHAM", Suffix: "ST", City: "LITTLE ROCK", State: "AR", PostalCode: "72201"},
		Documents: []provider.Ref{doc.Ref},
	}
	orders, err := caps.Ports.OpenPort(ctx, r)
	must(err)
	order, err := caps.Ports.SubmitPort(ctx, "submit", orders[0].Ref)
	must(err)

	for amended := false; order.State != provider.PortDone; {
		if order.State == provider.PortRejected && !amended {
			fmt.Println(order.State, order.Reasons[0].Code)
			account, _ := carrier.LosingAccount(n)
			r.Account, amended = secret.New(account), true
			_, err := caps.PortAmend.AmendPort(ctx, "amend", order.Ref, r)
			must(err)
		}
		now = now.Add(time.Hour)
		found, err := caps.Ports.TrackPort(ctx, provider.Trace{Key: "port"})
		must(err)
		order = found.Value[0]
	}
	owned, err := caps.Owned.Owned(ctx, n)
	must(err)
	fmt.Println(order.State, order.FOC.Format(time.DateTime), owned.Number.Format(), owned.State)
	// Output:
	// true Sandbox Local Exchange
	// rejected account_number_invalid
	// done 2026-08-10 11:30:00 (501) 217-0002 live
}
