// Links libm, which the compiler calls for square roots and rounding.
import Glibc

/// Similarity of embedding vectors.
public enum VectorSimilarity {
    /// The cosine of the angle between two vectors, in −1…1.
    ///
    /// 0 when either is zero or empty, holds an infinity or NaN, or when their lengths differ: nothing is known then.
    public static func cosine(_ a: [Float], _ b: [Float]) -> Double {
        if a.count != b.count { return 0 }
        var dot = 0.0
        var squaresOfA = 0.0
        var squaresOfB = 0.0
        for index in a.indices {
            let (x, y) = (Double(a[index]), Double(b[index]))
            dot += x * y
            squaresOfA += x * x
            squaresOfB += y * y
        }
        let cosine = dot / (squaresOfA.squareRoot() * squaresOfB.squareRoot())
        return cosine.isFinite ? min(1, max(-1, cosine)) : 0
    }
}
