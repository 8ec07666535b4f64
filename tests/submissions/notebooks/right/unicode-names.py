# label: Greek letters, Chinese and emoji
# replace: compute_cost_with_regularization
# score: 100

# %% [markdown]
# L2 正则化 🎉 : J = J₀ + λ/(2m) Σ‖W‖²

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    λ, 样本数 = lambd, Y.shape[1]
    Σ = sum(np.sum(parameters[ключ] ** 2) for ключ in ("W1", "W2", "W3"))
    print("🎉 λ =", λ, "— ‖W‖² =", Σ)
    return compute_cost(A3, Y) + λ / (2 * 样本数) * Σ
