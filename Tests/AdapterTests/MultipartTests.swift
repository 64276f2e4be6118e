import Testing

@testable import ChatCompletions

/// The boundary of an upload: nobody's cell makes it slow or ends a part early.
@Suite struct MultipartTests {
    private static func boundary(_ text: String) -> String {
        let form = Multipart.form([.init("purpose", "batch"), .init("file", file: "f", Array(text.utf8))])
        return String(form.contentType.drop { $0 != "=" }.dropFirst())
    }

    @Test func `What stands in a cell does not decide the boundary`() {
        let words = (0..<5000).map { "sluice-part-\($0)" }.joined(separator: " --")
        #expect(Self.boundary("{\"text\":\"\(words)\"}\n") == "sluice-part-0")
    }

    @Test(arguments: [
        ("--sluice-part-0", "sluice-part-1"), ("x\r\n--sluice-part-0--", "sluice-part-1"),
        ("x\n--sluice-part-0\r\n--sluice-part-1", "sluice-part-2"), ("\r\n--sluice-part-", "sluice-part-0"),
        ("\r\n--sluice-part-01234", "sluice-part-2"), ("\r\n--sluice-part-1", "sluice-part-0"), ("", "sluice-part-0"),
    ])
    func `A boundary begins no line of a part`(text: String, boundary: String) {
        #expect(Self.boundary(text) == boundary)
    }
}
