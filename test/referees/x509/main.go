// A strict reader of certificates that is none of ours: crypto/x509. Each line of its input is a certificate and its issuer,
// in Base64; each of its output "VALE", or what is wrong. Names are not compared: Go does it octet by octet (RFC 5280, 7.1, does not).
package main

import (
	"bufio"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"os"
	"strings"
)

func read(text string) (*x509.Certificate, error) {
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

func judge(line string) string {
	parts := strings.Fields(line)
	if len(parts) != 2 {
		return "no certificate and issuer"
	}
	certificate, err := read(parts[0])
	if err != nil {
		return err.Error()
	}
	issuer, err := read(parts[1])
	if err != nil {
		return "issuer: " + err.Error()
	}
	if err := certificate.CheckSignatureFrom(issuer); err != nil {
		return err.Error()
	}
	if len(certificate.UnhandledCriticalExtensions) > 0 {
		return "unhandled critical extensions"
	}
	return "VALE"
}

func main() {
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 1<<22)
	for input.Scan() {
		fmt.Println(strings.ReplaceAll(judge(input.Text()), "\n", " "))
	}
}
