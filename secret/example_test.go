package secret_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/numberdesk/numberdesk/secret"
)

func ExampleString() {
	account := struct {
		Carrier string
		PIN     secret.String
	}{"Example Tel", secret.New("0815")}
	fmt.Printf("%+v\n", account)
	fmt.Println(len(account.PIN.Reveal()), "digits")
	// Output:
	// {Carrier:Example Tel PIN:[redacted]}
	// 4 digits
}

func ExampleKeyring() {
	key := make([]byte, secret.KeySize)
	_, _ = rand.Read(key) // in earnest: from where the program keeps its keys
	ring, err := secret.NewKeyring("2026-01", key)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	at := secret.Place{Tenant: "acme", Kind: "port", Record: "p-17", Field: "pin"}
	sealed, _ := ring.Seal(ctx, at, []byte("0815"))

	plain, err := ring.Open(ctx, at, sealed)
	fmt.Println(string(plain), err)

	elsewhere := at
	elsewhere.Tenant = "evil"
	_, err = ring.Open(ctx, elsewhere, sealed)
	fmt.Println(errors.Is(err, secret.ErrSealed))
	// Output:
	// 0815 <nil>
	// true
}

func ExampleKeyring_Rotate() {
	key := func() []byte { k := make([]byte, secret.KeySize); _, _ = rand.Read(k); return k }
	ring, _ := secret.NewKeyring("2026-01", key())
	ctx := context.Background()
	at := secret.Place{Tenant: "acme", Kind: "port", Record: "p-17", Field: "pin"}
	sealed, _ := ring.Seal(ctx, at, []byte("0815"))

	_ = ring.Rotate("2026-02", key())
	sealed, changed, err := ring.Reseal(ctx, at, sealed) // for every stored value
	id, _ := secret.KeyID(sealed)
	fmt.Println(changed, id, err)
	fmt.Println(ring.Remove("2026-01"), ring.IDs())
	// Output:
	// true 2026-02 <nil>
	// <nil> [2026-02]
}
