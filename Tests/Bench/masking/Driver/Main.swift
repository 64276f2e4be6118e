import Detection
import Glibc
import Policy

/// What Tests/Bench/masking/run measures of the host's own code: one line of JSON on standard output.
///
///     sluice-bench-masking scan|mask|forms FILE   texts that a zero byte ends; forms: everything that has a form
///     sluice-bench-masking whole FILE             the file as one text
///
/// Seconds are those of the thread's CPU, without reading the file.
@main
struct MaskingBench {
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let bytes = read(arguments[2]) else {
            print("usage: sluice-bench-masking scan|mask|forms|whole FILE")
            exit(2)
        }
        bytes.withUnsafeBufferPointer { bytes in
            let texts = arguments[1] == "whole" ? [bytes] : split(bytes)
            let began = seconds()
            let found =
                switch arguments[1] {
                case "mask": mask(texts)
                case "forms": scan(texts, Scanner())
                default: scan(texts, Scanner(types: six))
                }
            let spent = seconds() - began
            print(
                #"{"bytes":\#(texts.reduce(0) { $0 + $1.count }),"found":\#(found),"seconds":\#(spent),"texts":\#(texts.count)}"#
            )
        }
    }

    /// What Presidio's recognisers and the alternation are asked for as well.
    private static let six: Set<EntityType> = [.email, .creditCard, .iban, .ipAddress, .phone, .usSSN]

    private static func scan(_ texts: [UnsafeBufferPointer<UInt8>], _ scanner: Scanner) -> Int {
        texts.reduce(0) { $0 + scanner.entities(in: $1).count }
    }

    private static func mask(_ texts: [UnsafeBufferPointer<UInt8>]) -> Int {
        let masker = TextMasker(Scanner(types: six))
        var out: [UInt8] = []
        var found = 0
        for text in texts {
            out.removeAll(keepingCapacity: true)
            found += masker.mask(text, into: &out).count
        }
        return found
    }

    private static func split(_ bytes: UnsafeBufferPointer<UInt8>) -> [UnsafeBufferPointer<UInt8>] {
        bytes.split(separator: 0).map { UnsafeBufferPointer(rebasing: $0) }
    }

    private static func read(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var information = stat()
        guard fstat(fileno(file), &information) == 0 else { return nil }
        return [UInt8](unsafeUninitializedCapacity: Int(information.st_size)) { buffer, count in
            count = fread(buffer.baseAddress, 1, buffer.count, file)
        }
    }

    private static func seconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
