module example.com/acorn

go 1.26.0

replace github.com/numberdesk/numberdesk => ../..

require github.com/numberdesk/numberdesk v0.0.0-00010101000000-000000000000

require (
	github.com/hashicorp/go-cleanhttp v0.5.2 // indirect
	github.com/hashicorp/go-retryablehttp v0.7.8 // indirect
	golang.org/x/time v0.16.0 // indirect
)
