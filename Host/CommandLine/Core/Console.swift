internal import Foundations
internal import Glibc

/// Standard output for results, standard error for people; knows which of them is a terminal.
///
/// A reader of standard output that goes away ends the printing quietly; any other failure to write is remembered.
public final class Console {
    /// Where bytes go: `write` returns 0, or errno.
    public struct Stream {
        public let isTerminal: Bool
        public let write: ([UInt8]) -> Int32

        public init(isTerminal: Bool, write: @escaping ([UInt8]) -> Int32) {
            self.isTerminal = isTerminal
            self.write = write
        }

        /// A descriptor of this process.
        static func descriptor(_ descriptor: Int32) -> Stream {
            Stream(isTerminal: isatty(descriptor) == 1) { bytes in
                do throws(Files.Failure) {
                    try Files.writeAll(bytes, to: descriptor, path: "standard stream")
                    return 0
                } catch {
                    return error.errno
                }
            }
        }
    }

    private let out: Stream
    private let error: Stream
    private let measure: () -> Int
    /// Reads a line that a person types; nil when nobody is there to type one.
    let readLine: (() -> String?)?
    let outStyle: Style
    let errorStyle: Style
    /// Whether a line on standard error can be written again in place.
    let canRewrite: Bool
    /// errno of the first write to standard output that failed; 0 when none did.
    private(set) var failure: Int32 = 0

    /// - Parameters:
    ///   - columns: the width of the terminal behind standard error, read each time that it is needed.
    ///   - readLine: asks a person; nil when standard input is no terminal.
    public init(
        out: Stream, error: Stream, environment: [String: String], readLine: (() -> String?)? = nil,
        columns: @escaping () -> Int
    ) {
        self.readLine = readLine
        self.out = out
        self.error = error
        measure = columns
        let isDumb = environment["TERM"] == "dumb"
        let wantsColour = (environment["NO_COLOR"] ?? "").isEmpty && !isDumb
        outStyle = Style(coloured: wantsColour && out.isTerminal)
        errorStyle = Style(coloured: wantsColour && error.isTerminal)
        canRewrite = error.isTerminal && !isDumb
    }

    /// The streams of this process.
    public static func standard(environment: [String: String]) -> Console {
        let isAsked = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1
        return Console(
            out: .descriptor(STDOUT_FILENO), error: .descriptor(STDERR_FILENO), environment: environment,
            readLine: isAsked ? { Swift.readLine() } : nil
        ) {
            var size = winsize()
            guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
            return Int(size.ws_col)
        }
    }

    var columns: Int { max(20, measure()) }

    /// Lines of a result, for people.
    func print(_ lines: [Text]) {
        guard !lines.isEmpty else { return }
        write(Array((lines.map(\.raw).joined(separator: "\n") + "\n").utf8))
    }

    /// One document in canonical JSON, and a line feed.
    func print(_ json: JSON) { write(json.canonicalBytes + [UInt8(ascii: "\n")]) }

    /// Lines that are bytes already, each with its line feed.
    func print(lines bytes: [UInt8]) { if !bytes.isEmpty { write(bytes) } }

    /// JSON Lines.
    func print(lines: [JSON]) {
        var bytes: [UInt8] = []
        for line in lines {
            bytes += line.canonicalBytes
            bytes.append(UInt8(ascii: "\n"))
            if bytes.count > 1 << 16 {
                write(bytes)
                bytes.removeAll(keepingCapacity: true)
            }
        }
        if !bytes.isEmpty { write(bytes) }
    }

    /// A line for people beside the result.
    func note(_ line: Text) { rewrite(line.raw + "\n") }

    /// Bytes for the terminal as they are; what they contain was escaped before. A failure has nowhere to be told.
    func rewrite(_ text: String) { _ = error.write(Array(text.utf8)) }

    private func write(_ bytes: [UInt8]) {
        guard failure == 0 else { return }
        failure = out.write(bytes)
    }

    /// The status to end with, when the command itself ended with `status`.
    func settle(_ status: Int32) -> Int32 {
        guard failure != 0, failure != EPIPE else { return status }
        let reason = String(cString: strerror(failure))
        report(SluiceError(.fileFailed, "Standard output could not be written: \(reason)."))
        return status == ExitStatus.done ? ExitStatus.failure : status
    }

    /// An error, for people.
    func report(_ problem: SluiceError) {
        let code = Text(problem.code.description).painted(.bad, errorStyle)
        note("sluice: \(code) \(problem.detail): \(problem.message)")
        if !problem.hint.isEmpty { note("next: \(problem.hint)") }
    }
}
