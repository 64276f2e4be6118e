import Detection
import Policy
import Testing

struct `The text masker` {
    @Test(arguments: [
        ("Mail john@example.com now", "Mail j***@e******.com now"),
        ("ssn 123-45-6789", "ssn ***-**-6789"),
        ("card 4111-1111-1111-1111", "card ****-****-****-1111"),
        ("call (602) 272-9781", "call (***) ***-****"),
        ("花子@example.com", "**@*******.***"),
        ("nothing here", "nothing here"),
        ("", ""),
    ])
    func `leaves the form and hides the value`(text: String, masked: String) {
        #expect(TextMasker().mask(text).text == masked)
    }

    @Test func `counts scalars, not bytes`() {
        let masked = TextMasker().mask("é😀 x@example.com é 10.1.2.3")
        #expect(masked.spans.map(\.type) == [.email, .ipAddress])
        #expect(masked.spans.map(\.start) == [3, 19])
        #expect(masked.spans.map(\.end) == [16, 27])
    }

    @Test func `finds nothing in what it gave`() {
        let once = TextMasker().mask("a b@example.com, 4111111111111111, DE89370400440532013000, 123-45-6789")
        #expect(once.spans.count == 4)
        let twice = TextMasker().mask(once.text)
        #expect(!twice.spans.contains { $0.type != .email })
    }
}
