package vanity_test

import (
	"bytes"
	"fmt"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/vanity"
)

// inventory has 500 numbers of one exchange and one toll-free word.
func inventory(yield func(nanp.Number) bool) {
	n := nanp.MustParse("877-555-0500")
	for range 500 {
		if !yield(n) {
			return
		}
		n, _ = n.Next()
	}
	yield(nanp.MustParse("888-687-3663"))
}

func ExampleIndex() {
	ix := vanity.NewIndex(inventory)
	for _, wish := range []string{"8XX-OUR-FOOD", "XXX-XXX-XX00", "877-555-0&&&"} {
		p := vanity.MustCompile(wish)
		fmt.Println(wish, ix.Count(&p))
		for n := range ix.All(&p) {
			fmt.Println(" ", n.Format())
		}
	}
	// Output:
	// 8XX-OUR-FOOD 1
	//   (888) 687-3663
	// XXX-XXX-XX00 5
	//   (877) 555-0500
	//   (877) 555-0600
	//   (877) 555-0700
	//   (877) 555-0800
	//   (877) 555-0900
	// 877-555-0&&& 5
	//   (877) 555-0555
	//   (877) 555-0666
	//   (877) 555-0777
	//   (877) 555-0888
	//   (877) 555-0999
}

// A page begins behind the last number of the one before, even if that has been
// sold meanwhile.
func ExampleIndex_Page() {
	ix := vanity.NewIndex(inventory)
	p := vanity.MustCompile("877-555-XXX7")
	first := ix.Page(&p, 0, 3)
	last := first[len(first)-1]
	ix.Remove(last)
	fmt.Println(first)
	fmt.Println(ix.Page(&p, last, 3))
	// Output:
	// [+18775550507 +18775550517 +18775550527]
	// [+18775550537 +18775550547 +18775550557]
}

func ExampleIndex_Ranked() {
	ix := vanity.NewIndex(inventory)
	zeros := func(n nanp.Number) int {
		d := n.Digits()
		return bytes.Count(d[:], []byte("0"))
	}
	p := vanity.MustCompile("877-555-XXXX")
	fmt.Println(ix.Ranked(&p, 3, zeros))
	// Output:
	// [+18775550500 +18775550600 +18775550700]
}

// A customer wants a hundred numbers in a row.
func ExampleIndex_Runs() {
	ix := vanity.NewIndex(inventory)
	ix.Remove(nanp.MustParse("877-555-0642"))
	for r := range ix.Runs(nil, 100) {
		fmt.Println(r.First, r.Len)
	}
	// Output:
	// +18775550500 142
	// +18775550643 357
}

func ExampleLoadIndex() {
	var file bytes.Buffer
	if err := vanity.NewIndex(inventory).Save(&file); err != nil {
		fmt.Println(err)
	}
	fmt.Println(file.Len(), "bytes")

	file.Bytes()[22] ^= 4 // line 0500 becomes 0496
	_, err := vanity.LoadIndex(&file)
	fmt.Println(err)
	// Output:
	// 1034 bytes
	// vanity: saved index, byte 1030: the checksum is wrong
}
