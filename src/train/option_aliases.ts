import type { Aliases } from '../base/option_aliases.js';

/** Names of other libraries for the options of a trainer; only who trains loads them. */
export const TRAINING: Aliases = {
  calls: 'Trainer.create',
  names: {
    epochs: 'num_train_epochs num_epochs n_epochs max_epochs',
    steps: 'max_steps max_iters iterations iters num_steps',
    batchSize: 'per_device_train_batch_size train_batch_size micro_batch_size batch',
    accumulation: 'gradient_accumulation_steps grad_accum accumulate_grad_batches',
    learningRate: 'lr',
    warmup: 'warmup_steps warmup_iters warmup_ratio num_warmup_steps',
    finalLearningRate: 'min_lr min_learning_rate eta_min',
    optimizer: 'optim optimiser',
    schedule: 'lr_scheduler_type lr_scheduler scheduler decay',
    maxGradientNorm: 'max_grad_norm grad_clip gradient_clip clip_grad_norm gradient_clip_val',
    weightDecay: 'l2 decay_rate',
    beta1: 'adam_beta1 betas',
    beta2: 'adam_beta2',
    epsilon: 'adam_epsilon eps',
    validation: 'test_size validation_split eval_split eval_size val_size',
    evaluateEvery: 'eval_steps eval_interval evaluation_strategy val_check_interval',
    checkpointEvery: 'save_steps save_interval save_strategy',
    patience: 'early_stopping_patience early_stopping',
    contextLength: 'block_size max_seq_length max_length seq_len sequence_length',
    resume: 'resume_from_checkpoint',
    checkpoints: 'output_dir out_dir checkpoint_dir',
    data: 'train_dataset dataset train_data texts',
    deduplicate: 'dedup dedupe deduplication',
    recompute: 'gradient_checkpointing activation_checkpointing',
    lora: 'peft_config lora_config peft',
    quantize: 'qat quantization quantization_config load_in_4bit load_in_8bit weights',
    dropout: 'hidden_dropout attn_pdrop resid_pdrop',
    teachers: 'teacher_model teacher_model_name_or_path',
    hardShare: 'alpha_ce hard_loss_weight',
  },
};

export const MAPPER: Aliases = {
  calls: 'PrefixTrainer.create',
  names: {
    kind: 'mapping_type type',
    features: 'prefix_size prefix_dim clip_dim dim_clip',
    vectors: 'prefix_length',
    made: 'prefix_length_clip clip_length',
    layers: 'num_layers',
    heads: 'num_heads',
    innerChannels: 'mlp_dim mlp_ratio',
    trainModel: 'only_prefix freeze_gpt',
  },
};

export const PREFERENCES: Aliases = {
  calls: 'PreferenceTrainer.create',
  names: { loss: 'loss_type preference_loss', gamma: 'simpo_gamma', contextLength: 'max_prompt_length' },
};

export const LORA: Aliases = {
  calls: 'the option lora of Trainer.create',
  names: { rank: 'r lora_r lora_rank', alpha: 'lora_alpha scaling', targets: 'target_modules modules' },
};
